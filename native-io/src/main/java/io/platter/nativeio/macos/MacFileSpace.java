package io.platter.nativeio.macos;

import com.sun.jna.Memory;
import io.platter.block.DeviceException;
import io.platter.nativeio.platform.FileSpace;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixConstants;
import io.platter.nativeio.posix.PosixFileSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holes by {@code lseek(SEEK_DATA)} and {@code fcntl(F_PUNCHHOLE)}, which APFS has. */
final class MacFileSpace {
    private MacFileSpace() {}

    static Optional<FileSpace> open(LibSystem system, Path path, @Nullable Object fileKey, boolean writable)
            throws IOException {
        int access = writable ? MacConstants.O_RDWR : MacConstants.O_RDONLY;
        return PosixFileSpace.of(
                Descriptor.open(system, path, access | MacConstants.O_CLOEXEC),
                Path.of("/dev/fd"),
                fileKey,
                MacConstants.SEEK_DATA,
                MacConstants.SEEK_HOLE,
                (file, offset, length) -> punch(system, file, offset, length));
    }

    /** A range that is not of whole allocation units is refused with EINVAL, and zeroed by writing. */
    static boolean punch(LibSystem system, Descriptor file, long offset, long length) throws DeviceException {
        try (Memory range = new Memory(MacConstants.PUNCH_SIZE)) {
            range.clear();
            range.setLong(MacConstants.PUNCH_OFFSET, offset);
            range.setLong(MacConstants.PUNCH_LENGTH, length);
            file.call("F_PUNCHHOLE", offset, fd -> system.fcntl(fd, MacConstants.F_PUNCHHOLE, range));
            return true;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case PosixConstants.EINVAL, MacConstants.ENOTSUP, MacConstants.ENOTTY -> false;
                default -> throw e;
            };
        }
    }
}
