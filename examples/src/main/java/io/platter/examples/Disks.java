package io.platter.examples;

import io.platter.DiskGeometry;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.device.RawDisk;
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
import org.apache.commons.cli.Option;

/** Opens what a command names: a file, or a disk of the machine. */
final class Disks {
    /** Says in what sectors the disk in a file counts. */
    static final Option SECTOR_SIZE = Command.value(
            "sector-size", "SIZE", "the sectors in which the disk counts, 512 or 4096; default: as its table says");

    private static final Duration NODES_TIMEOUT = Duration.ofSeconds(10);

    private Disks() {}

    /** Tells whether a path is a file and no disk. */
    static boolean isFile(Path path) {
        return Files.isRegularFile(path);
    }

    static BlockDevice openForReading(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new UsageException(path + " is a directory, expected a file or a disk");
        }
        return BlockDevices.open(path, OpenMode.READ);
    }

    /** Opens a file or a disk for writing, only if nobody uses it. */
    static BlockDevice openForWriting(Path path) throws IOException {
        return BlockDevices.open(path, OpenMode.WRITE);
    }

    /** Returns a disk with the sectors that the user says it has, if he says so. Closing it does nothing then. */
    static BlockDevice withSectorSize(BlockDevice disk, Arguments given) {
        return given.has(SECTOR_SIZE)
                ? disk.withLogicalSectorSize((int)
                        Math.min(Integer.MAX_VALUE, given.size(SECTOR_SIZE).orElseThrow()))
                : disk;
    }

    /** Returns the geometry of a disk; a file has the sectors in which its content counts. */
    static DiskGeometry geometry(Path path, BlockDevice disk, Arguments given) throws IOException {
        return isFile(path) && !given.has(SECTOR_SIZE) ? DiskGeometry.ofContent(disk) : DiskGeometry.of(disk);
    }

    /** Makes the system see the partitions that a disk has now. */
    static void announce(BlockDevice disk, Session session) throws IOException {
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
            session.notice(
                    "the disk is written, but the system does not see its partitions yet: " + Failures.message(e));
        }
    }
}
