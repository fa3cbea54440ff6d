package io.platter.nativeio.windows;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.WString;
import com.sun.jna.ptr.IntByReference;
import io.platter.block.DeviceException;
import io.platter.nativeio.windows.WindowsLayout.OVERLAPPED;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A handle of a file or device of our own; turns {@code GetLastError} into {@link DeviceException}.
 *
 * <p>Safe for use by several threads. {@link #close()} waits for the calls that are under way, because Windows gives the
 * value of a closed handle to the next one that anybody opens.
 */
final class Handle implements Closeable {
    private final Kernel32 kernel32;
    private final String name;
    private final Pointer handle;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private Handle(Kernel32 kernel32, String name, Pointer handle) {
        this.kernel32 = kernel32;
        this.name = name;
        this.handle = handle;
    }

    /**
     * Opens a file, volume or device that exists.
     *
     * @param access the {@code GENERIC_} rights, or 0 for asking only
     * @param share the {@code FILE_SHARE_} flags
     * @param flags the {@code FILE_FLAG_} flags
     */
    static Handle open(Kernel32 kernel32, String name, int access, int share, int flags) throws DeviceException {
        Pointer handle = kernel32.CreateFileW(
                new WString(name), access, share, null, WindowsConstants.OPEN_EXISTING, flags, null);
        if (handle == null || Pointer.nativeValue(handle) == -1) {
            throw failure(kernel32, name, "open", -1, Native.getLastError());
        }
        return new Handle(kernel32, name, handle);
    }

    /** Calls {@code DeviceIoControl} and returns how many bytes it wrote to {@code output}. */
    int control(String operation, int code, @Nullable Memory input, @Nullable Memory output) throws DeviceException {
        IntByReference returned = new IntByReference();
        check(
                operation,
                -1,
                () -> kernel32.DeviceIoControl(
                        handle, code, input, length(input), output, length(output), returned, null));
        return returned.getValue();
    }

    private static int length(@Nullable Memory memory) {
        return memory == null ? 0 : Math.toIntExact(memory.size());
    }

    /** Fills a direct buffer from its position to its limit. */
    void read(ByteBuffer target, long offset) throws DeviceException {
        transfer("read", target, offset, kernel32::ReadFile);
    }

    /** Writes a direct buffer from its position to its limit. */
    void write(ByteBuffer source, long offset) throws DeviceException {
        transfer("write", source, offset, kernel32::WriteFile);
    }

    void flush() throws DeviceException {
        check("flush", -1, () -> kernel32.FlushFileBuffers(handle));
    }

    private interface Transfer {
        boolean call(Pointer handle, ByteBuffer bytes, int count, IntByReference done, Pointer overlapped);
    }

    private void transfer(String operation, ByteBuffer bytes, long offset, Transfer transfer) throws DeviceException {
        int first = bytes.position();
        try (Memory place = new Memory(OVERLAPPED.SIZE)) {
            while (bytes.hasRemaining()) {
                long position = offset + bytes.position() - first;
                place.clear();
                place.setInt(OVERLAPPED.Offset, (int) position);
                place.setInt(OVERLAPPED.OffsetHigh, (int) (position >>> 32));
                IntByReference done = new IntByReference();
                ByteBuffer rest = bytes.slice();
                check(operation, position, () -> transfer.call(handle, rest, rest.remaining(), done, place));
                if (done.getValue() <= 0) {
                    throw new DeviceException(name, operation, position, 0, "the device ends here", null);
                }
                bytes.position(bytes.position() + done.getValue());
            }
        }
    }

    @Override
    public void close() throws DeviceException {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                if (!kernel32.CloseHandle(handle)) {
                    throw failure(kernel32, name, "close", -1, Native.getLastError());
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private interface Call {
        boolean succeeds();
    }

    private void check(String operation, long offset, Call call) throws DeviceException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(name + " is closed");
            }
            if (!call.succeeds()) {
                throw failure(kernel32, name, operation, offset, Native.getLastError());
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    static DeviceException failure(Kernel32 kernel32, String name, String operation, long offset, int error) {
        char[] text = new char[512];
        int length = kernel32.FormatMessageW(
                WindowsConstants.FORMAT_MESSAGE_FROM_SYSTEM | WindowsConstants.FORMAT_MESSAGE_IGNORE_INSERTS,
                null,
                error,
                0,
                text,
                text.length,
                null);
        String reason = length <= 0 ? "no description" : new String(text, 0, length).strip();
        return new DeviceException(name, operation, offset, error, reason, null);
    }
}
