package io.platter.cli;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.OpenMode;
import io.platter.device.RawDisk;
import io.platter.image.DiskGeometry;
import io.platter.nbd.NbdUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Opens what a command names: a file, or a disk of the machine. */
final class Disks {
    /** Says in what sectors the disk in a file counts. */
    static final Option SECTOR_SIZE = Command.value(
            "sector-size",
            "SIZE",
            "the sectors in which the disk counts, a power of two from 512 to 64K; default: as its table says");

    private static final Duration NODES_TIMEOUT = Duration.ofSeconds(10);

    private Disks() {}

    /** Tells whether a path is a file and no disk. */
    static boolean isFile(Path path) {
        return Files.isRegularFile(path);
    }

    /** Opens a file, a disk, or the disk at the address of an NBD server. */
    static BlockDevice openForReading(Path path) throws IOException {
        Optional<NbdUri> uri = NbdDisks.uri(path);
        if (uri.isPresent()) {
            return NbdDisks.open(uri.get(), false);
        }
        Targets.refuseDirectory(path, "a file or a disk");
        return BlockDevices.open(path, OpenMode.READ);
    }

    /** A job that writes a disk. */
    interface Writing<R> {
        R run(BlockDevice disk) throws IOException;
    }

    /**
     * Opens a file or a disk for writing, only if nobody uses it, and writes it. A failure after the first write says what
     * is left.
     */
    static <R> R write(Path path, Writing<R> job) throws IOException {
        try (BlockDevice disk = openForWriting(path)) {
            NotedDisk noted = new NotedDisk(disk);
            try {
                return job.run(noted);
            } catch (IOException | RuntimeException | Error e) {
                if (noted.isTouched()) {
                    e.addSuppressed(new NotedDisk.Incomplete(path));
                }
                throw e;
            }
        }
    }

    static BlockDevice openForWriting(Path path) throws IOException {
        Optional<NbdUri> uri = NbdDisks.uri(path);
        return uri.isPresent() ? NbdDisks.open(uri.get(), true) : BlockDevices.open(path, OpenMode.WRITE);
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

    /** Returns how many bytes of a disk are of each kind, as far as it knows without reading. */
    static Map<ExtentKind, Long> totals(BlockDevice disk) throws IOException {
        Map<ExtentKind, Long> totals = new EnumMap<>(ExtentKind.class);
        for (ExtentKind kind : new ExtentKind[] {ExtentKind.DATA, ExtentKind.ZERO, ExtentKind.HOLE}) {
            totals.put(kind, 0L);
        }
        for (long position = 0; position < disk.size(); ) {
            Extent extent = disk.extentAt(position);
            totals.merge(extent.kind(), extent.length(), Long::sum);
            position = extent.end();
        }
        return totals;
    }

    /** Makes the system see the partitions of a table that was written; jobs do that themselves. */
    static void announce(BlockDevice disk, Session session) {
        try {
            Optional<RawDisk> raw = disk.unwrap(RawDisk.class);
            if (raw.isPresent()) {
                raw.get().announceTable(NODES_TIMEOUT);
            }
        } catch (IOException e) {
            session.notice(
                    "the table is written, but the system does not see its partitions yet: " + Failures.message(e));
        }
    }
}
