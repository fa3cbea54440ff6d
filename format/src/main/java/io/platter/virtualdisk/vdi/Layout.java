package io.platter.virtualdisk.vdi;

/**
 * The numbers of a VDI file, version 1.1. Source: VirtualBox, {@code VDICore.h}; all numbers are little-endian.
 *
 * <p>The header is followed by a map of a {@code u32} for each block of the disk: which block of the data area holds it.
 */
final class Layout {
    static final int SIGNATURE_OFFSET = 64;
    static final int SIGNATURE = 0xBEDA107F;
    static final int VERSION_1_1 = 0x0001_0001;
    /** The header's length as version 1.1 has it, counted from {@link #HEADER_SIZE_OFFSET}. */
    static final int HEADER_SIZE = 400;

    static final int HEADER_SIZE_OFFSET = 72;
    static final int MAP_OFFSET_OFFSET = 340;
    static final int SECTOR_SIZE_OFFSET = 360;
    static final int DISK_SIZE_OFFSET = 368;
    static final int ID_OFFSET = 392;
    /** Where the header ends that all writers of version 1.1 write, QEMU with the shortest. */
    static final int HEADER_END = 456;

    static final int TYPE_DYNAMIC = 1;
    static final int TYPE_STATIC = 2;

    /** A block that was never written. */
    static final int BLOCK_FREE = -1;
    /** A block that reads as zeros. */
    static final int BLOCK_ZERO = -2;

    /** The only size of a block that QEMU reads, and the usual one of VirtualBox. */
    static final int BLOCK_SIZE = 1 << 20;
    /** QEMU's own limit, so that the map's length in bytes has 31 bits. */
    static final long MAX_BLOCKS = (1L << 29) - 128;

    private Layout() {}
}
