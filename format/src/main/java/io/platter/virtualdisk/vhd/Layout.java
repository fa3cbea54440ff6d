package io.platter.virtualdisk.vhd;

import java.nio.ByteBuffer;

/**
 * The numbers of a VHD file. Source: Microsoft, "Virtual Hard Disk Image Format Specification", version 1.0 of 2006; all
 * numbers are big-endian.
 *
 * <p>A fixed disk is its bytes and a footer. A dynamic one starts with a copy of the footer and the dynamic disk header,
 * then come the block allocation table (BAT) and the blocks, each with a bitmap of its sectors before it, and the footer.
 */
public final class Layout {
    static final int SECTOR = 512;
    static final int FOOTER_LENGTH = 512;
    /** What Virtual PC before version 2004 wrote: the last byte is missing. */
    static final int OLD_FOOTER_LENGTH = 511;

    static final int HEADER_LENGTH = 1024;

    /** "conectix". */
    static final long FOOTER_COOKIE = 0x636F_6E65_6374_6978L;
    /** "cxsparse". */
    static final long HEADER_COOKIE = 0x6378_7370_6172_7365L;

    /** The reserved bit, which is always set. */
    static final int FEATURES = 2;

    static final int VERSION_1_0 = 0x0001_0000;
    /** Virtual PC: the geometry rules over the size that the footer tells. */
    static final int CREATOR_VIRTUAL_PC = 0x7670_6320;
    /** "win ", Hyper-V: what every reader takes for a footer whose size counts. */
    static final int CREATOR_WRITTEN = 0x7769_6E20;

    static final int CREATOR_VERSION_WRITTEN = 0x0006_0001;
    /** "Wi2k". */
    static final int CREATOR_HOST_WRITTEN = 0x5769_326B;

    public static final int TYPE_FIXED = 2;
    static final int TYPE_DYNAMIC = 3;
    static final int TYPE_DIFFERENCING = 4;

    static final int FOOTER_CHECKSUM_OFFSET = 64;
    static final int HEADER_CHECKSUM_OFFSET = 36;
    static final int FOOTER_ID_OFFSET = 68;

    static final int HEADER_TABLE_OFFSET = 16;
    static final int HEADER_PARENT_ID_OFFSET = 40;
    static final int HEADER_PARENT_NAME_OFFSET = 64;
    static final int PARENT_NAME_LENGTH = 512;

    static final int USUAL_BLOCK_SIZE = 2 << 20;
    static final int MAX_BLOCK_SIZE = 1 << 28;
    /** A BAT entry of a block that is not there. */
    static final int BLOCK_ABSENT = -1;
    /** 2040 GiB: after that a block's sector number has no room in 32 bits. */
    static final long MAX_DISK_SIZE = 2040L << 30;

    static final int MAX_CYLINDERS = 65_535;

    private Layout() {}

    /** Returns the ones' complement of the sum of all bytes but the checksum's own four. */
    static int checksum(ByteBuffer bytes, int checksumOffset) {
        int sum = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            if (i < checksumOffset || i >= checksumOffset + Integer.BYTES) {
                sum += Byte.toUnsignedInt(bytes.get(i));
            }
        }
        return ~sum;
    }

    /** Returns the length of the bitmap before a block, filled up to whole sectors. */
    static int bitmapLength(long blockSize) {
        long bytes = (blockSize / SECTOR + 7) / 8;
        return (int) (bytes + Math.floorMod(-bytes, (long) SECTOR));
    }

    /** Returns cylinders, heads and sectors in one number, as the footer has them. Source: appendix of the specification. */
    static int geometry(long diskSize) {
        long sectors = Math.min(diskSize / SECTOR, (long) MAX_CYLINDERS * 16 * 255);
        int perTrack;
        long heads;
        if (sectors >= (long) MAX_CYLINDERS * 16 * 63) {
            perTrack = 255;
            heads = 16;
        } else {
            perTrack = 17;
            heads = Math.max(4, (sectors / 17 + 1023) / 1024);
            if (sectors / 17 >= heads * 1024 || heads > 16) {
                perTrack = 31;
                heads = 16;
            }
            if (sectors / perTrack >= heads * 1024) {
                perTrack = 63;
                heads = 16;
            }
        }
        return (int) (sectors / perTrack / heads) << 16 | (int) heads << 8 | perTrack;
    }
}
