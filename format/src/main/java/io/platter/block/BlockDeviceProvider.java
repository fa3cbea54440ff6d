package io.platter.block;

import java.io.IOException;
import java.nio.file.Path;
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
}
