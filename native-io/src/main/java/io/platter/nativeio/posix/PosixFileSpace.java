package io.platter.nativeio.posix;

import io.platter.block.DeviceException;
import io.platter.nativeio.platform.FileSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holes by {@code lseek} with {@code SEEK_DATA} and {@code SEEK_HOLE}, which are numbered by each system in its own way. */
public final class PosixFileSpace implements FileSpace {
    /** How a system makes holes. */
    @FunctionalInterface
    public interface Punch {
        /** Makes a hole; returns false if the filesystem has no way to do it. */
        boolean punch(Descriptor file, long offset, long length) throws DeviceException;
    }

    private final Descriptor file;
    private final int seekData;
    private final int seekHole;
    private final Punch punch;

    private PosixFileSpace(Descriptor file, int seekData, int seekHole, Punch punch) {
        this.file = file;
        this.seekData = seekData;
        this.seekHole = seekHole;
        this.punch = punch;
    }

    /**
     * Takes over an open file, if it is the one that is meant: the path by which it was opened may lead to another file by
     * now, whose holes are not ours.
     *
     * @param descriptors the directory where the system shows open files, such as {@code /proc/self/fd}
     * @return nothing if it is another file, which is then closed
     */
    public static Optional<FileSpace> of(
            Descriptor file, Path descriptors, @Nullable Object fileKey, int seekData, int seekHole, Punch punch)
            throws IOException {
        try {
            Object opened = Files.readAttributes(file.self(descriptors), BasicFileAttributes.class)
                    .fileKey();
            if (opened != null && opened.equals(fileKey)) {
                return Optional.of(new PosixFileSpace(file, seekData, seekHole, punch));
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
            data = file.lseek(offset, seekData);
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case PosixConstants.ENXIO -> runAtEnd(offset);
                case PosixConstants.EINVAL -> new Run(Long.MAX_VALUE, false); // a filesystem without holes
                default -> throw e;
            };
        }
        return data > offset ? new Run(data, true) : new Run(Math.max(offset + 1, file.lseek(offset, seekHole)), false);
    }

    /** No data follows. What lies past the end of a file that was cut meanwhile is for {@code read} to report. */
    private Run runAtEnd(long offset) throws IOException {
        long end = file.lseek(0, PosixConstants.SEEK_END);
        return end > offset ? new Run(end, true) : new Run(Long.MAX_VALUE, false);
    }

    @Override
    public boolean punch(long offset, long length) throws IOException {
        return punch.punch(file, offset, length);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
