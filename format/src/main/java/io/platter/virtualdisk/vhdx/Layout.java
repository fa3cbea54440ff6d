package io.platter.virtualdisk.vhdx;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The numbers of a VHDX file. Source: [MS-VHDX], version 8.0; all numbers are little-endian.
 *
 * <p>The first MiB holds the file type identifier, two headers and two copies of the region table. After it, each at a
 * multiple of 1 MiB, are the log, the block allocation table (BAT), the metadata region, and the blocks.
 */
final class Layout {
    /** What every region, and every block, is aligned to. */
    static final int MIB = 1 << 20;

    /** "vhdxfile", as a little-endian number. Source: §2.2.1. */
    static final long FILE_SIGNATURE = 0x656C_6966_7864_6876L;

    /** Source: §2.2.2. */
    static final long[] HEADER_OFFSETS = {64 << 10, 128 << 10};

    static final int HEADER_LENGTH = 4096;
    /** "head". */
    static final int HEADER_SIGNATURE = 0x6461_6568;

    static final int VERSION_1 = 1;

    /** Source: §2.2.3. */
    static final long[] REGION_TABLE_OFFSETS = {192 << 10, 256 << 10};

    static final int TABLE_LENGTH = 64 << 10;
    /** "regi". */
    static final int REGION_SIGNATURE = 0x6967_6572;
    /** How many entries a region table, and a metadata table, may have. */
    static final int MAX_TABLE_ENTRIES = 2047;

    static final UUID BAT_REGION = UUID.fromString("2DC27766-F623-4200-9D64-115E9BFD4A08");
    static final UUID METADATA_REGION = UUID.fromString("8B7CA206-4790-4B9A-B8FE-575F050F886E");

    /** Where the checksum stands in a header, a region table and a log entry. */
    static final int CHECKSUM_OFFSET = 4;

    /** Source: §2.3.1. */
    static final int LOG_SECTOR = 4096;

    /** "metadata", as a little-endian number. Source: §2.6.1.1. */
    static final long METADATA_SIGNATURE = 0x6174_6164_6174_656DL;

    static final int ENTRY_IS_USER = 1;
    static final int ENTRY_IS_VIRTUAL_DISK = 2;
    static final int ENTRY_IS_REQUIRED = 4;

    /** Source: §2.6.2. */
    static final UUID FILE_PARAMETERS = UUID.fromString("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");

    static final UUID DISK_SIZE = UUID.fromString("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    /** The identifier of the disk, which it shows in page 83 of its vital product data. */
    static final UUID DISK_ID = UUID.fromString("BECA12AB-B2E6-4523-93EF-C309E000C746");

    static final UUID LOGICAL_SECTOR_SIZE = UUID.fromString("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    static final UUID PHYSICAL_SECTOR_SIZE = UUID.fromString("CDA348C7-445D-4471-9CC9-E9885251C556");
    static final UUID PARENT_LOCATOR = UUID.fromString("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    static final int LEAVE_BLOCKS_ALLOCATED = 1;
    static final int HAS_PARENT = 2;

    static final int MIN_BLOCK_SIZE = 1 << 20;
    static final int MAX_BLOCK_SIZE = 1 << 28;
    /** 64 TiB. */
    static final long MAX_DISK_SIZE = 64L << 40;

    /** The states of a payload block. Source: §2.5.1.1. */
    static final int BLOCK_NOT_PRESENT = 0;

    static final int BLOCK_UNDEFINED = 1;
    static final int BLOCK_ZERO = 2;
    static final int BLOCK_UNMAPPED = 3;
    /** Of a sector bitmap block, the state in which it is there. */
    static final int BLOCK_FULLY_PRESENT = 6;

    static final int BLOCK_PARTIALLY_PRESENT = 7;

    /** The bits of a BAT entry between its state and its offset. */
    static final long ENTRY_RESERVED = 0xF_FFF8L;

    static final int STATE_MASK = 7;
    /** A BAT entry shifted by this is the block's place in the file in MiB. */
    static final int OFFSET_SHIFT = 20;

    /** How many sectors one sector bitmap block tells about. Source: §2.4. */
    private static final long SECTORS_IN_CHUNK = 1 << 23;

    private Layout() {}

    /** Returns how many payload blocks stand in the BAT before each sector bitmap block. */
    static long chunkRatio(int blockSize, int logicalSectorSize) {
        return SECTORS_IN_CHUNK * logicalSectorSize / blockSize;
    }

    /** Returns the CRC-32C of all bytes up to the limit, with the checksum's own four as zeros. */
    static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CHECKSUM_OFFSET));
        crc.update(ByteBuffer.allocate(Integer.BYTES));
        int after = CHECKSUM_OFFSET + Integer.BYTES;
        crc.update(bytes.slice(after, bytes.limit() - after));
        return (int) crc.getValue();
    }
}
