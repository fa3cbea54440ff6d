package io.platter.examples;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.RawDisk;
import io.platter.device.RawDisks;
import io.platter.device.SystemPartition;
import io.platter.partition.Partition;
import io.platter.partition.PartitionFlag;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.partition.Unpartitioned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Opens what a command names: a file, or a disk of the machine. */
final class Disks {
    private static final Duration NODES_TIMEOUT = Duration.ofSeconds(10);

    private Disks() {}

    /** Tells whether a path is a file and no disk. */
    static boolean isFile(Path path) {
        return Files.isRegularFile(path);
    }

    static BlockDevice openForReading(Path path) throws IOException {
        return isFile(path) || !Files.exists(path)
                ? BlockDevices.open(path, OpenMode.READ)
                : RawDisks.open(path, OpenMode.READ);
    }

    /** Opens a file or a disk for writing, only if nobody uses it. */
    static BlockDevice openForWriting(Path path) throws IOException {
        return isFile(path) ? BlockDevices.open(path, OpenMode.WRITE) : RawDisks.open(path, OpenMode.WRITE);
    }

    /** Tells whether others may be writing to a disk, so that what its filesystems say of themselves may be old. */
    static boolean isInUse(Path path) throws IOException {
        return !isFile(path)
                && RawDisks.describe(path).uses().stream()
                        .anyMatch(use -> use.kind() == DiskUse.Kind.MOUNTED || use.kind() == DiskUse.Kind.HELD);
    }

    /** Makes the system see the partitions that a disk has now. */
    static void announce(BlockDevice disk) throws IOException {
        if (!(disk instanceof RawDisk raw)) {
            return;
        }
        PartitionTable table = PartitionTables.read(disk);
        if (table instanceof Unpartitioned) {
            return;
        }
        Path path = raw.description().path();
        List<SystemPartition> partitions = table.partitions().stream()
                .filter(partition -> !partition.is(PartitionFlag.EXTENDED))
                .filter(partition -> partition.end() <= disk.size())
                .map((Partition partition) ->
                        new SystemPartition(partition.index(), path, partition.diskOffset(), partition.length()))
                .toList();
        try {
            raw.announce(partitions, NODES_TIMEOUT);
        } catch (IOException e) {
            System.err.println(
                    "platter: the disk is written, but the system does not see its partitions yet: " + e.getMessage());
        }
    }
}
