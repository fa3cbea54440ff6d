package io.platter.device.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.platter.block.DeviceException;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;

/**
 * A file descriptor of our own. Repeats what a signal has interrupted, and turns {@code errno} into
 * {@link DeviceException}.
 *
 * <p>Safe for use by several threads. {@link #close()} waits for the calls that are under way, because the kernel gives
 * the number of a closed descriptor to the next file that anybody opens.
 */
final class Descriptor implements Closeable {
    private final LibC libc;
    private final String name;
    private final int fd;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private Descriptor(LibC libc, String name, int fd) {
        this.libc = libc;
        this.name = name;
        this.fd = fd;
    }

    /**
     * Opens a path.
     *
     * @param flags the {@code O_} flags; {@code O_CLOEXEC} is added
     */
    static Descriptor open(LibC libc, Path path, int flags) throws DeviceException {
        String name = path.toString();
        byte[] bytes = NativeNames.of(path);
        while (true) {
            int fd = libc.open(bytes, flags | LinuxConstants.O_CLOEXEC);
            if (fd >= 0) {
                return new Descriptor(libc, name, fd);
            }
            int errno = Native.getLastError();
            if (errno != LinuxConstants.EINTR) {
                throw failure(libc, name, "open", -1, errno);
            }
        }
    }

    /** Returns the path under which {@code /proc} shows what is really open. */
    Path self() {
        return Path.of("/proc/self/fd/" + fd);
    }

    long lseek(long offset, int whence) throws DeviceException {
        return check("lseek", offset, () -> libc.lseek(fd, offset, whence));
    }

    void fallocate(int mode, long offset, long length) throws DeviceException {
        check("fallocate", offset, () -> libc.fallocate(fd, mode, offset, length));
    }

    /** Fills a direct buffer from its position to its limit. */
    void pread(ByteBuffer target, long offset) throws DeviceException {
        transfer("read", target, offset, libc::pread);
    }

    /** Writes a direct buffer from its position to its limit. */
    void pwrite(ByteBuffer source, long offset) throws DeviceException {
        transfer("write", source, offset, libc::pwrite);
    }

    void fsync() throws DeviceException {
        check("flush", -1, () -> libc.fsync(fd));
    }

    /** Gives the kernel a hint about a range, and does not ask what became of it. */
    void advise(long offset, long length, int advice) {
        try {
            // Returns an error number, and never −1.
            check("posix_fadvise", offset, () -> libc.posix_fadvise(fd, offset, length, advice));
        } catch (DeviceException e) {
            throw new AssertionError(e);
        }
    }

    /** Calls {@code ioctl} with what the name of the request asks for. */
    void ioctl(String name, long request, Object... argument) throws DeviceException {
        check(name, -1, () -> libc.ioctl(fd, request, argument));
    }

    /** Calls {@code ioctl} with a range as two numbers of 64 bits. */
    void ioctlRange(String name, long request, long offset, long length) throws DeviceException {
        try (Memory range = new Memory(16)) {
            range.setLong(0, offset);
            range.setLong(8, length);
            check(name, offset, () -> libc.ioctl(fd, request, range));
        }
    }

    /** Calls {@code ioctl} for a number of 64 bits. */
    long ioctlNumber(String name, long request) throws DeviceException {
        try (Memory number = new Memory(8)) {
            number.setLong(0, 0);
            ioctl(name, request, number);
            return number.getLong(0);
        }
    }

    private interface Transfer {
        long call(int fd, ByteBuffer bytes, long count, long offset);
    }

    private void transfer(String operation, ByteBuffer bytes, long offset, Transfer transfer) throws DeviceException {
        int first = bytes.position();
        while (bytes.hasRemaining()) {
            long position = offset + bytes.position() - first;
            // JNA passes the address of a direct buffer's first byte, whatever its position is.
            ByteBuffer rest = bytes.slice();
            long count = check(operation, position, () -> transfer.call(fd, rest, rest.remaining(), position));
            if (count == 0) {
                throw new DeviceException(name, operation, position, 0, "the device ends here", null);
            }
            bytes.position(bytes.position() + (int) count);
        }
    }

    @Override
    public void close() throws DeviceException {
        lock.writeLock().lock();
        try {
            // A close that fails has closed all the same: close(2).
            if (!closed) {
                closed = true;
                if (libc.close(fd) < 0) {
                    throw failure(libc, name, "close", -1, Native.getLastError());
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private long check(String operation, long offset, LongSupplier call) throws DeviceException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(name + " is closed");
            }
            while (true) {
                long result = call.getAsLong();
                if (result >= 0) {
                    return result;
                }
                int errno = Native.getLastError();
                if (errno != LinuxConstants.EINTR) {
                    throw failure(libc, name, operation, offset, errno);
                }
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private static DeviceException failure(LibC libc, String name, String operation, long offset, int errno) {
        return new DeviceException(
                name, operation, offset, errno, libc.strerror(errno).getString(0), null);
    }
}
