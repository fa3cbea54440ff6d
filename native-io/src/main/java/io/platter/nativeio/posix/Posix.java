package io.platter.nativeio.posix;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * The calls of POSIX that this library makes, by their own names; see section 2 of the manual pages.
 *
 * <p>Each returns −1 for failure and leaves the reason in {@code errno}, which JNA keeps per thread. {@code off_t},
 * {@code size_t} and {@code long} are 64 bits wide on the systems that we run on. Functions that are variadic in C are so
 * here: some processors pass such arguments in another way.
 *
 * <p>Safe for use by several threads.
 */
public interface Posix extends Library {
    /** Opens the file of a name that ends with a NUL. */
    int open(byte[] path, int flags, Object... mode);

    /** Gives a descriptor back. */
    int close(int fd);

    /** Moves the place of reading, or finds the next data or hole. */
    long lseek(int fd, long offset, int whence);

    /** Reads at a place. */
    long pread(int fd, ByteBuffer target, long count, long offset);

    /** Writes at a place. */
    long pwrite(int fd, ByteBuffer source, long count, long offset);

    /** Waits until all is on the medium. */
    int fsync(int fd);

    /** Asks or orders a device. */
    int ioctl(int fd, long request, Object... argument);

    /** Returns the text of an error number. */
    Pointer strerror(int errno);
}
