package io.platter.nativeio.linux;

import com.sun.jna.Native;
import io.platter.nativeio.platform.NativeLibrary;
import io.platter.nativeio.posix.Posix;

/**
 * The calls of the C library of Linux that this package makes besides those of {@link Posix}.
 *
 * <p>Safe for use by several threads.
 */
interface LibC extends Posix {
    /** Loads the library, and JNA, when it is first needed; nothing else may name a type of JNA before. */
    NativeLibrary<LibC> LIBRARY = new NativeLibrary<>(() -> Native.load("c", LibC.class));

    int fallocate(int fd, int mode, long offset, long length);

    /** Returns an error number, and leaves {@code errno} alone. */
    int posix_fadvise(int fd, long offset, long length, int advice);
}
