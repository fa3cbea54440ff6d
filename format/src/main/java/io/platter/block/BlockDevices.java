package io.platter.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Opens paths as devices.
 *
 * <p>Safe for use by several threads.
 */
public final class BlockDevices {
    private BlockDevices() {}

    /**
     * Opens a regular file or a device node: through the first {@link BlockDeviceProvider} that takes it, else as a
     * plain file.
     *
     * @return the open device, which the caller closes
     * @throws NoSuchFileException if the path does not exist
     * @throws IOException if it can't be opened in this mode
     */
    public static BlockDevice open(Path path, OpenMode mode) throws IOException {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(mode, "mode");
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        for (BlockDeviceProvider provider :
                ServiceLoader.load(BlockDeviceProvider.class, BlockDevices.class.getClassLoader())) {
            Optional<BlockDevice> device = provider.open(path, mode);
            if (device.isPresent()) {
                return device.get();
            }
        }
        return FileDevice.open(path, mode);
    }
}
