package io.platter.block;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The places where only devices have names. A regular file there is a mistake: the name of a disk that is not there, or
 * not yet; and its bytes would be in the machine's memory.
 */
public final class DeviceDirectories {
    private static final Path DEV = Path.of("/dev");
    private static final Path SHARED_MEMORY = DEV.resolve("shm");

    private DeviceDirectories() {}

    /**
     * Refuses the name of a new file if only a device can have it: directly or deeper under {@code /dev}, but for
     * filesystems of their own that are mounted there, such as {@code /dev/shm}; and, on Windows, anything that starts
     * with {@code \\.\}. A name that exists is no new one, and is not refused.
     *
     * @throws NoSuchFileException if it is such a name: there is no such device
     * @throws IOException if the directory can't be looked at
     */
    public static void refuseNewFile(Path file) throws IOException {
        if (!file.getFileSystem().equals(FileSystems.getDefault())) {
            return;
        }
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return; // It is no new name; whoever creates the file says so.
        }
        Path absolute = file.toAbsolutePath();
        @Nullable Path directory = absolute.getParent();
        if (absolute.toString().startsWith("\\\\.\\") || (directory != null && holdsDevices(directory))) {
            throw new NoSuchFileException(file.toString(), null, "there is no such device, and no file is made here");
        }
    }

    private static boolean holdsDevices(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return directory.normalize().startsWith(DEV);
        }
        Path real = directory.toRealPath();
        return isDeviceFilesystem(real)
                || (real.startsWith(DEV)
                        && !real.startsWith(SHARED_MEMORY)
                        && Files.getAttribute(real, "unix:dev").equals(Files.getAttribute(DEV, "unix:dev")));
    }

    private static boolean isDeviceFilesystem(Path directory) {
        try {
            return Files.getFileStore(directory).type().equals("devtmpfs");
        } catch (IOException e) {
            return false; // As in a changed root, whose mounts the system does not show.
        }
    }
}
