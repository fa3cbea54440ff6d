package io.platter.nativeio.linux;

import io.platter.block.DeviceException;
import io.platter.nativeio.platform.FileSpace;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixFileSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holes by {@code lseek(SEEK_DATA)} and {@code fallocate(FALLOC_FL_PUNCH_HOLE)}. */
final class LinuxFileSpace {
    private LinuxFileSpace() {}

    /** Opens the file if native code may be loaded; else its holes stay unknown, which is slow but right. */
    static Optional<FileSpace> open(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        LibC libc;
        try {
            libc = LibC.LIBRARY.neededFor(path.toString());
        } catch (DeviceException e) {
            System.getLogger(LinuxFileSpace.class.getName())
                    .log(System.Logger.Level.WARNING, "holes are not seen and not made", e);
            return Optional.empty();
        }
        int access = writable ? LinuxConstants.O_RDWR : LinuxConstants.O_RDONLY;
        return PosixFileSpace.of(
                Descriptor.open(libc, path, access | LinuxConstants.O_CLOEXEC),
                Path.of("/proc/self/fd"),
                fileKey,
                LinuxConstants.SEEK_DATA,
                LinuxConstants.SEEK_HOLE,
                (file, offset, length) -> punch(libc, file, offset, length));
    }

    private static boolean punch(LibC libc, Descriptor file, long offset, long length) throws DeviceException {
        try {
            int mode = LinuxConstants.FALLOC_FL_PUNCH_HOLE | LinuxConstants.FALLOC_FL_KEEP_SIZE;
            file.call("fallocate", offset, fd -> libc.fallocate(fd, mode, offset, length));
            return true;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case LinuxConstants.EOPNOTSUPP, LinuxConstants.ENOSYS -> false;
                default -> throw e;
            };
        }
    }
}
