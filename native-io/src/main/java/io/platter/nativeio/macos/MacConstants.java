package io.platter.nativeio.macos;

/**
 * Numbers of the kernel's interface, with the header of the XNU sources that each comes from. An ioctl's number is made
 * of direction, size of the argument, group and number, by sys/ioccom.h; a test makes them again.
 */
final class MacConstants {
    private MacConstants() {}

    // sys/errno.h
    static final int EBUSY = 16;
    static final int ENOTTY = 25;
    static final int EAGAIN = 35;
    static final int ENOTSUP = 45;

    // sys/fcntl.h
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 4;
    static final int O_EXLOCK = 0x20;
    static final int O_CLOEXEC = 0x1000000;
    static final int F_PUNCHHOLE = 99;

    // unistd.h: the other way round than on Linux
    static final int SEEK_HOLE = 3;
    static final int SEEK_DATA = 4;

    // sys/disk.h
    static final long DKIOCSYNCHRONIZE = 0x80186416L; // _IOW('d', 22, dk_synchronize_t)
    static final long DKIOCGETBLOCKSIZE = 0x40046418L; // _IOR('d', 24, uint32_t)
    static final long DKIOCGETBLOCKCOUNT = 0x40086419L; // _IOR('d', 25, uint64_t)
    static final long DKIOCISWRITABLE = 0x4004641dL; // _IOR('d', 29, uint32_t)
    static final long DKIOCUNMAP = 0x8010641fL; // _IOW('d', 31, dk_unmap_t)
    static final long DKIOCGETBASE = 0x40086449L; // _IOR('d', 73, uint64_t)
    static final long DKIOCGETFEATURES = 0x4004644cL; // _IOR('d', 76, uint32_t)
    static final long DKIOCGETPHYSICALBLOCKSIZE = 0x4004644dL; // _IOR('d', 77, uint32_t)
    static final int DK_FEATURE_UNMAP = 0x10;

    /** Size of {@code dk_synchronize_t}: offset, length, options, reserved. All zeros means the whole disk. */
    static final int DK_SYNCHRONIZE_SIZE = 24;

    /** Offsets in {@code dk_unmap_t}, 64 bits. */
    static final int UNMAP_EXTENTS = 0, UNMAP_COUNT = 8, UNMAP_SIZE = 16;

    /** Offsets in {@code dk_extent_t}. */
    static final int EXTENT_OFFSET = 0, EXTENT_LENGTH = 8, EXTENT_SIZE = 16;

    /** Offsets in {@code fpunchhole_t}: sys/fcntl.h. */
    static final int PUNCH_OFFSET = 8, PUNCH_LENGTH = 16, PUNCH_SIZE = 24;
}
