package io.platter.nativeio.posix;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.platter.block.DeviceException;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file descriptor of our own. Repeats what a signal has interrupted, and turns {@code errno} into
 * {@link DeviceException}.
 *
 * <p>Safe for use by several threads. {@link #close()} waits for the calls that are under way, because the kernel gives
 * the number of a closed descriptor to the next file that anybody opens.
 */
public final class Descriptor implements Closeable {
    private final Posix posix;
    private final String name;
    private final int fd;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private Descriptor(Posix posix, String name, int fd) {
        this.posix = posix;
        this.name = name;
        this.fd = fd;
    }

    /**
     * Opens a path.
     *
     * @param flags the {@code O_} flags of the system; {@code O_CLOEXEC} should be one, lest programs that we start inherit it
     */
    public static Descriptor open(Posix posix, Path path, int flags) throws DeviceException {
        String name = path.toString();
        byte[] bytes = NativeNames.of(path);
        while (true) {
            int fd = posix.open(bytes, flags);
            if (fd >= 0) {
                return new Descriptor(posix, name, fd);
            }
            int errno = Native.getLastError();
            if (errno != PosixConstants.EINTR) {
                throw failure(posix, name, "open", -1, errno);
            }
        }
    }

    /** Returns the path under which the system shows what is really open. */
    public Path self(Path directory) {
        return directory.resolve(Integer.toString(fd));
    }

    /** Finds what {@code whence} asks for. */
    public long lseek(long offset, int whence) throws DeviceException {
        return call("lseek", offset, fd -> posix.lseek(fd, offset, whence));
    }

    /** Fills a direct buffer from its position to its limit. */
    public void pread(ByteBuffer target, long offset) throws DeviceException {
        transfer("read", target, offset, posix::pread);
    }

    /** Writes a direct buffer from its position to its limit. */
    public void pwrite(ByteBuffer source, long offset) throws DeviceException {
        transfer("write", source, offset, posix::pwrite);
    }

    /** Waits until all is on the medium. */
    public void fsync() throws DeviceException {
        call("flush", -1, posix::fsync);
    }

    /** Calls {@code ioctl} with what the name of the request asks for. */
    public void ioctl(String name, long request, Object... argument) throws DeviceException {
        call(name, -1, fd -> posix.ioctl(fd, request, argument));
    }

    /** Calls {@code ioctl} with a range as two numbers of 64 bits. */
    public void ioctlRange(String name, long request, long offset, long length) throws DeviceException {
        try (Memory range = new Memory(16)) {
            range.setLong(0, offset);
            range.setLong(8, length);
            call(name, offset, fd -> posix.ioctl(fd, request, range));
        }
    }

    /** Calls {@code ioctl} for a number of 64 bits. */
    public long ioctlNumber(String name, long request) throws DeviceException {
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
            long count = call(operation, position, fd -> transfer.call(fd, rest, rest.remaining(), position));
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
                if (posix.close(fd) < 0) {
                    throw failure(posix, name, "close", -1, Native.getLastError());
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** What is done with a descriptor. */
    @FunctionalInterface
    public interface FdCall {
        /** Makes the call; −1 is a failure whose reason stands in {@code errno}. */
        long apply(int fd);
    }

    /**
     * Makes a call until no signal interrupts it.
     *
     * @param operation its name, for messages
     * @param offset the place that it is about, for messages, or −1
     * @return what it returned, 0 or more
     * @throws DeviceException if it failed
     */
    public long call(String operation, long offset, FdCall call) throws DeviceException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(name + " is closed");
            }
            while (true) {
                long result = call.apply(fd);
                if (result >= 0) {
                    return result;
                }
                int errno = Native.getLastError();
                if (errno != PosixConstants.EINTR) {
                    throw failure(posix, name, operation, offset, errno);
                }
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private static DeviceException failure(Posix posix, String name, String operation, long offset, int errno) {
        return new DeviceException(
                name, operation, offset, errno, posix.strerror(errno).getString(0), null);
    }
}
