package io.platter.block;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The door through which a module that knows the machine opens paths; found by {@link java.util.ServiceLoader}.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface BlockDeviceProvider {
    /**
     * Opens a path, if this provider knows how to do that better than the JDK alone.
     *
     * @param path a regular file or a device node, which exists
     * @param mode how it is opened
     * @return the open device, which the caller closes, or nothing if the path is left to others
     * @throws IOException if the path is this provider's and can't be opened
     */
    Optional<BlockDevice> open(Path path, OpenMode mode) throws IOException;

    /**
     * Returns what a file or device node stands on; see {@link Backed#backing}.
     *
     * @param path a regular file or a device node, which exists
     * @return by default nothing, which only means that this provider does not know
     * @throws IOException if the system can't be asked
     */
    default List<Backing> backing(Path path) throws IOException {
        return List.of();
    }

    /**
     * Returns what uses a file or device node; see {@link BlockDevice#uses}.
     *
     * @param path a regular file or a device node, which exists
     * @return by default nothing, which only means that this provider does not know
     * @throws IOException if the system can't be asked
     */
    default List<DiskUse> uses(Path path) throws IOException {
        return List.of();
    }
}
