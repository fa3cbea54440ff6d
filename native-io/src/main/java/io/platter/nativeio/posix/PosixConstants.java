package io.platter.nativeio.posix;

/** Numbers that are the same on Linux and macOS: errno.h, unistd.h. */
public final class PosixConstants {
    private PosixConstants() {}

    /** A signal came first. */
    public static final int EINTR = 4;

    /** No such device, or nothing after this place. */
    public static final int ENXIO = 6;

    /** Not with these arguments. */
    public static final int EINVAL = 22;

    static final int SEEK_END = 2;
}
