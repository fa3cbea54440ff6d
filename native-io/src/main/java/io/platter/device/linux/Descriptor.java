package io.platter.device.linux;

import com.sun.jna.Native;
import io.platter.block.DeviceException;
import java.io.Closeable;
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
        byte[] bytes = NativeNames.of(path);
        while (true) {
            int fd = libc.open(bytes, flags | LinuxConstants.O_CLOEXEC);
            if (fd >= 0) {
                return new Descriptor(libc, path.toString(), fd);
            }
            int errno = Native.getLastError();
            if (errno != LinuxConstants.EINTR) {
                throw failure(libc, path.toString(), "open", -1, errno);
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
