package io.platter.device.linux;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * The calls of the C library that this package makes, by their own names; see section 2 of the Linux manual pages.
 *
 * <p>Each returns −1 for failure and leaves the reason in {@code errno}, which JNA keeps per thread. {@code off_t},
 * {@code size_t} and {@code long} are 64 bits wide on the systems that we run on ({@link LinuxMachine}). Functions that
 * are variadic in C are so here: some processors pass such arguments in another way.
 *
 * <p>Safe for use by several threads.
 */
interface LibC extends Library {
    int open(byte[] path, int flags, Object... mode);

    int close(int fd);

    long lseek(int fd, long offset, int whence);

    int fallocate(int fd, int mode, long offset, long length);

    long pread(int fd, ByteBuffer target, long count, long offset);

    long pwrite(int fd, ByteBuffer source, long count, long offset);

    int fsync(int fd);

    int posix_fadvise(int fd, long offset, long length, int advice);

    int ioctl(int fd, long request, Object... argument);

    Pointer strerror(int errno);
}
