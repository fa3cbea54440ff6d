package io.platter.nativeio.windows;

import com.sun.jna.Memory;
import io.platter.block.DeviceException;
import io.platter.nativeio.platform.FileSpace;
import io.platter.nativeio.windows.WindowsLayout.FILE_ALLOCATED_RANGE_BUFFER;
import io.platter.nativeio.windows.WindowsLayout.FILE_ZERO_DATA_INFORMATION;
import java.io.IOException;

/** Holes by {@code FSCTL_QUERY_ALLOCATED_RANGES} and {@code FSCTL_SET_ZERO_DATA}, which NTFS and ReFS have. */
final class WindowsFileSpace implements FileSpace {
    private final Handle file;

    private WindowsFileSpace(Handle file) {
        this.file = file;
    }

    static FileSpace open(Kernel32 kernel32, String name, boolean writable) throws DeviceException {
        int access = WindowsConstants.GENERIC_READ | (writable ? WindowsConstants.GENERIC_WRITE : 0);
        int share = WindowsDisks.SHARE | WindowsConstants.FILE_SHARE_DELETE;
        return new WindowsFileSpace(Handle.open(kernel32, name, access, share, 0));
    }

    @Override
    public Run runAt(long offset) throws IOException {
        try (Memory query = new Memory(FILE_ALLOCATED_RANGE_BUFFER.SIZE);
                Memory range = new Memory(FILE_ALLOCATED_RANGE_BUFFER.SIZE)) {
            query.setLong(FILE_ALLOCATED_RANGE_BUFFER.FileOffset, offset);
            query.setLong(FILE_ALLOCATED_RANGE_BUFFER.Length, Long.MAX_VALUE - offset);
            int length;
            try {
                length = file.control(
                        "QUERY_ALLOCATED_RANGES", WindowsConstants.FSCTL_QUERY_ALLOCATED_RANGES, query, range);
            } catch (DeviceException e) {
                switch (e.osError()) {
                    case WindowsConstants.ERROR_MORE_DATA -> length = FILE_ALLOCATED_RANGE_BUFFER.SIZE;
                    case WindowsConstants.ERROR_INVALID_FUNCTION, WindowsConstants.ERROR_NOT_SUPPORTED -> {
                        return new Run(Long.MAX_VALUE, false);
                    }
                    default -> throw e;
                }
            }
            if (length < FILE_ALLOCATED_RANGE_BUFFER.SIZE) {
                return new Run(Long.MAX_VALUE, true);
            }
            long start = range.getLong(FILE_ALLOCATED_RANGE_BUFFER.FileOffset);
            long end = start + range.getLong(FILE_ALLOCATED_RANGE_BUFFER.Length);
            return start > offset ? new Run(start, true) : new Run(Math.max(end, offset + 1), false);
        }
    }

    @Override
    public boolean punch(long offset, long length) throws IOException {
        try (Memory range = new Memory(FILE_ZERO_DATA_INFORMATION.SIZE)) {
            range.setLong(FILE_ZERO_DATA_INFORMATION.FileOffset, offset);
            range.setLong(FILE_ZERO_DATA_INFORMATION.BeyondFinalZero, offset + length);
            // Only a file that is marked as sparse gives room back; marking it again does nothing.
            file.control("SET_SPARSE", WindowsConstants.FSCTL_SET_SPARSE, null, null);
            file.control("SET_ZERO_DATA", WindowsConstants.FSCTL_SET_ZERO_DATA, range, null);
            return true;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case WindowsConstants.ERROR_INVALID_FUNCTION, WindowsConstants.ERROR_NOT_SUPPORTED -> false;
                default -> throw e;
            };
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
