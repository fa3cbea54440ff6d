package io.platter.nativeio.linux;

import io.platter.nativeio.posix.Posix;

/**
 * The calls of the C library of Linux that this package makes besides those of {@link Posix}.
 *
 * <p>Safe for use by several threads.
 */
interface LibC extends Posix {
    int fallocate(int fd, int mode, long offset, long length);

    /** Returns an error number, and leaves {@code errno} alone. */
    int posix_fadvise(int fd, long offset, long length, int advice);
}
