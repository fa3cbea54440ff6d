package io.platter.nativeio.macos;

import io.platter.nativeio.posix.Posix;

/**
 * The calls of {@code libSystem} that this package makes besides those of {@link Posix}.
 *
 * <p>Safe for use by several threads.
 */
interface LibSystem extends Posix {
    int fcntl(int fd, int command, Object... argument);
}
