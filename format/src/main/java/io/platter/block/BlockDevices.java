package io.platter.block;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * Opens paths as devices, and tells what stands at them.
 *
 * <p>Safe for use by several threads.
 */
public final class BlockDevices {
    private BlockDevices() {}

    /**
     * Opens a regular file or a device node: through the first {@link BlockDeviceProvider} that takes it, else as a
     * plain file. A file of another filesystem than the system's, such as that of a zip file, is a plain file. While a
     * file is open for writing, nobody else opens it so or replaces it through this library.
     *
     * @return the open device, which the caller closes
     * @throws NoSuchFileException if the path does not exist
     * @throws DiskInUseException if it is to be held or written, and others use it
     * @throws IOException if it can't be opened in this mode, is to be written and is being written, or is neither a file
     *     nor a disk: a directory, a pipe, a socket, or a device of another kind
     */
    public static BlockDevice open(Path path, OpenMode mode) throws IOException {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(mode, "mode");
        if (!Files.exists(path)) {
            throw missing(path);
        }
        for (BlockDeviceProvider provider : providers(path)) {
            Optional<BlockDevice> device = provider.open(path, mode);
            if (device.isPresent()) {
                return device.get();
            }
        }
        return FileDevice.open(path, mode);
    }

    /** It may be there, where we may not look. */
    private static IOException missing(Path path) {
        IOException reason = new NoSuchFileException(path.toString());
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
        } catch (IOException e) {
            reason = e;
        }
        return FileFailure.of(path, "can't be opened", reason);
    }

    /**
     * Returns what a file or device node stands on, as an open device of it says it.
     *
     * @throws NoSuchFileException if the path does not exist
     * @throws IOException if the system can't be asked
     */
    public static List<Backing> backing(Path path) throws IOException {
        return backing(path, FileIdentity.of(path));
    }

    /** Returns what a file stands on that was opened and is known. */
    static List<Backing> backing(Path path, FileIdentity identity) throws IOException {
        Set<Backing> all = new LinkedHashSet<>();
        all.add(Backing.of(identity));
        if (Files.exists(path) && identity.equals(FileIdentity.of(path))) { // else another file took its name
            for (BlockDeviceProvider provider : providers(path)) {
                all.addAll(provider.backing(path));
            }
        }
        return List.copyOf(all);
    }

    /**
     * Returns what uses a file or device node at this moment, such as a loop device over it that is mounted.
     *
     * @throws IOException if the system can't be asked
     */
    public static List<DiskUse> uses(Path path) throws IOException {
        List<DiskUse> uses = new ArrayList<>();
        for (BlockDeviceProvider provider : providers(path)) {
            uses.addAll(provider.uses(path));
        }
        return uses;
    }

    /**
     * Refuses a file or device node that is used at this moment: whoever writes it, or puts another file in its place,
     * asks first.
     *
     * @throws DiskInUseException if it is
     * @throws IOException if the system can't be asked
     */
    public static void refuseUsed(Path path) throws IOException {
        List<DiskUse> uses = uses(path);
        if (!uses.isEmpty()) {
            throw new DiskInUseException(path.toString(), uses);
        }
    }

    /**
     * Returns the standard input as a channel that knows its file, if it is one, so that no job overwrites what it
     * reads: where the system tells, which Linux and macOS do. Closing the channel does nothing.
     */
    public static ReadableByteChannel standardInput() {
        return new StandardInput(Channels.newChannel(System.in));
    }

    private static Iterable<BlockDeviceProvider> providers(Path path) {
        return path.getFileSystem().equals(FileSystems.getDefault())
                ? ServiceLoader.load(BlockDeviceProvider.class, BlockDevices.class.getClassLoader())
                : List.of();
    }
}
