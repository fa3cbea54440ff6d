package io.platter.device;

import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One operating system with its disks: what a module that knows a system provides, found by
 * {@link java.util.ServiceLoader}. Applications use {@link RawDisks}, whose methods these are.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface Machine {
    /** Tells whether this program runs on this system. No other method is called if it does not. */
    boolean isCurrent();

    /**
     * Describes all disks that have a medium.
     *
     * @throws IOException if the system can't be asked
     */
    List<DiskDescription> disks(List<Path> ownFiles) throws IOException;

    /**
     * Describes one disk or partition.
     *
     * @throws IOException if the path is no disk, or the system can't be asked
     */
    DiskDescription describe(Path path, List<Path> ownFiles) throws IOException;

    /**
     * Opens a disk or partition, unless it has a use that does not go with the mode and is not overridden.
     *
     * @throws IOException if it can't be opened, or has such a use
     */
    RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException;

    /**
     * Holds a mounted filesystem still.
     *
     * @throws UnsupportedOperationException if the system can't, which is the default
     * @throws IOException if the filesystem can't be held
     */
    default Snapshot freeze(Path mountPoint, Duration limit, List<Path> ownFiles) throws IOException {
        throw new UnsupportedOperationException("no freeze on " + System.getProperty("os.name"));
    }
}
