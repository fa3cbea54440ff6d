package io.platter.nativeio.linux;

/**
 * Numbers of the kernel's interface, with the header that each comes from. They are those of x86-64, arm64 and riscv64;
 * a test compares them with what the C compiler says.
 */
final class LinuxConstants {
    private LinuxConstants() {}

    // asm-generic/errno-base.h and errno.h
    static final int EBUSY = 16;
    static final int ENOTTY = 25;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    // asm-generic/fcntl.h
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_EXCL = 0x80;
    static final int O_CLOEXEC = 0x80000;

    // linux/fs.h
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    static final long BLKRRPART = 0x125f;
    static final long BLKFLSBUF = 0x1261;
    static final long BLKGETSIZE64 = 0x80081272L;
    static final long BLKDISCARD = 0x1277;
    static final long BLKZEROOUT = 0x127f;
    static final long BLKGETDISKSEQ = 0x80081280L;
    static final long FIFREEZE = 0xc0045877L;
    static final long FITHAW = 0xc0045878L;

    // linux/loop.h
    static final long LOOP_GET_STATUS64 = 0x4C05;

    // linux/blkpg.h
    static final long BLKPG = 0x1269;
    static final int BLKPG_ADD_PARTITION = 1;
    static final int BLKPG_DEL_PARTITION = 2;
    static final int BLKPG_RESIZE_PARTITION = 3;

    // linux/fadvise.h
    static final int POSIX_FADV_WILLNEED = 3;
    static final int POSIX_FADV_DONTNEED = 4;

    // linux/falloc.h
    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;

    /**
     * {@code O_DIRECT}, one of the few flags that processors number differently: 0x4000 in asm-generic/fcntl.h, as x86
     * and riscv have it; 0x10000 in arch/arm64/include/uapi/asm/fcntl.h.
     */
    static int oDirect(String processor) {
        return processor.equals("aarch64") ? 0x10000 : 0x4000;
    }
}
