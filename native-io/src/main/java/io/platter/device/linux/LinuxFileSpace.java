package io.platter.device.linux;

import io.platter.block.DeviceException;
import io.platter.device.platform.FileSpace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holes by {@code lseek(SEEK_DATA)} and {@code fallocate(FALLOC_FL_PUNCH_HOLE)}. */
final class LinuxFileSpace implements FileSpace {
    private static final Logger LOG = System.getLogger(LinuxFileSpace.class.getName());

    private final Descriptor file;

    private LinuxFileSpace(Descriptor file) {
        this.file = file;
    }

    /** Opens the file if native code may be loaded; else its holes stay unknown, which is slow but right. */
    static Optional<FileSpace> open(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        LibC libc;
        try {
            libc = LibCLoader.libc(path.toString());
        } catch (DeviceException e) {
            LOG.log(Level.WARNING, "holes are not seen and not made", e);
            return Optional.empty();
        }
        return open(libc, path, fileKey, writable);
    }

    static Optional<FileSpace> open(LibC libc, Path path, @Nullable Object fileKey, boolean writable)
            throws IOException {
        Descriptor file = Descriptor.open(libc, path, writable ? LinuxConstants.O_RDWR : LinuxConstants.O_RDONLY);
        try {
            // The path may lead to another file by now, whose holes are not ours.
            Object opened =
                    Files.readAttributes(file.self(), BasicFileAttributes.class).fileKey();
            if (opened != null && opened.equals(fileKey)) {
                return Optional.of(new LinuxFileSpace(file));
            }
        } catch (IOException e) {
            file.close();
            throw e;
        }
        file.close();
        return Optional.empty();
    }

    @Override
    public Run runAt(long offset) throws IOException {
        long data;
        try {
            data = file.lseek(offset, LinuxConstants.SEEK_DATA);
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case LinuxConstants.ENXIO -> runAtEnd(offset);
                case LinuxConstants.EINVAL -> new Run(Long.MAX_VALUE, false);
                default -> throw e;
            };
        }
        return data > offset
                ? new Run(data, true)
                : new Run(Math.max(offset + 1, file.lseek(offset, LinuxConstants.SEEK_HOLE)), false);
    }

    /** No data follows. What lies behind the end of a file that was cut meanwhile is for {@code read} to report. */
    private Run runAtEnd(long offset) throws IOException {
        long end = file.lseek(0, LinuxConstants.SEEK_END);
        return end > offset ? new Run(end, true) : new Run(Long.MAX_VALUE, false);
    }

    @Override
    public boolean punch(long offset, long length) throws IOException {
        try {
            file.fallocate(LinuxConstants.FALLOC_FL_PUNCH_HOLE | LinuxConstants.FALLOC_FL_KEEP_SIZE, offset, length);
            return true;
        } catch (DeviceException e) {
            if (e.osError() == LinuxConstants.EOPNOTSUPP || e.osError() == LinuxConstants.ENOSYS) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
