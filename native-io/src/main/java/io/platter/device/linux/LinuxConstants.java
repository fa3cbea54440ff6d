package io.platter.device.linux;

/**
 * Numbers of the kernel's interface, with the header that each comes from. They are those of x86-64, arm64 and riscv64;
 * a test compares them with what the C compiler says.
 */
final class LinuxConstants {
    private LinuxConstants() {}

    // asm-generic/errno-base.h and errno.h
    static final int EINTR = 4;
    static final int ENXIO = 6;
    static final int EINVAL = 22;
    static final int EOPNOTSUPP = 95;
    static final int ENOSYS = 38;

    // asm-generic/fcntl.h
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;

    // linux/fs.h
    static final int SEEK_END = 2;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    // linux/falloc.h
    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;
}
