package io.platter.nativeio.macos;

import com.sun.jna.Native;
import io.platter.nativeio.platform.NativeLibrary;
import io.platter.nativeio.posix.Posix;

/**
 * The calls of {@code libSystem} that this package makes besides those of {@link Posix}.
 *
 * <p>Safe for use by several threads.
 */
interface LibSystem extends Posix {
    /** Loads the library, and JNA, when it is first needed; nothing else may name a type of JNA before. */
    NativeLibrary<LibSystem> LIBRARY = new NativeLibrary<>(() -> Native.load("System", LibSystem.class));

    int fcntl(int fd, int command, Object... argument);
}
