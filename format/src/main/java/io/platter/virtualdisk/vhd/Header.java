package io.platter.virtualdisk.vhd;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The dynamic disk header of a VHD file.
 *
 * @param tableOffset where the BAT stands
 * @param entries how many blocks it has
 * @param blockSize in bytes, without the bitmap
 * @param parentId the identifier of the parent of a differencing disk
 * @param parentName the parent's name
 * @param parentNameOffset where that stands in the file
 */
record Header(long tableOffset, long entries, int blockSize, UUID parentId, String parentName, long parentNameOffset) {
    static Header read(BlockDevice file, Footer footer) throws IOException {
        ByteReader header = ByteReader.read(file, footer.dataOffset(), Layout.HEADER_LENGTH, ByteOrder.BIG_ENDIAN);
        if (header.readI64() != Layout.HEADER_COOKIE) {
            throw header.corrupt(0, "cookie \"cxsparse\" expected");
        }
        int checksum = Layout.checksum(
                ByteBuffer.wrap(header.seek(0).readBytes(Layout.HEADER_LENGTH)), Layout.HEADER_CHECKSUM_OFFSET);
        int stored = header.seek(Layout.HEADER_CHECKSUM_OFFSET).readI32();
        if (stored != checksum) {
            throw header.corrupt(
                    Layout.HEADER_CHECKSUM_OFFSET,
                    "header checksum mismatch: stored " + Integer.toHexString(stored) + ", computed "
                            + Integer.toHexString(checksum));
        }
        long tableOffset = header.seek(Layout.HEADER_TABLE_OFFSET).readU63("table offset");
        long entries = header.skip(4).readU32();
        long blockSize = header.readU32();
        if (blockSize < Layout.SECTOR || blockSize > Layout.MAX_BLOCK_SIZE || Long.bitCount(blockSize) != 1) {
            throw header.corrupt(32, "block size " + blockSize + ", expected a power of two from 512 to 2^28");
        }
        if (footer.diskSize() > entries * blockSize
                || tableOffset % 4 != 0
                || tableOffset > file.size() - 4 * entries) {
            throw header.corrupt(
                    Layout.HEADER_TABLE_OFFSET,
                    "table of " + entries + " blocks of " + blockSize + " bytes at offset " + tableOffset
                            + " for a disk of " + footer.diskSize() + " bytes");
        }
        UUID parentId = new UUID(header.seek(Layout.HEADER_PARENT_ID_OFFSET).readI64(), header.readI64());
        long nameOffset = header.seek(Layout.HEADER_PARENT_NAME_OFFSET).offset();
        String name = header.readText(Layout.PARENT_NAME_LENGTH, StandardCharsets.UTF_16BE);
        return new Header(tableOffset, entries, (int) blockSize, parentId, name, nameOffset);
    }

    /** Returns the header of a new dynamic disk. */
    static ByteBuffer encode(long tableOffset, int entries, int blockSize) {
        ByteBuffer header = ByteBuffer.allocate(Layout.HEADER_LENGTH);
        header.putLong(Layout.HEADER_COOKIE).putLong(-1).putLong(tableOffset).putInt(Layout.VERSION_1_0);
        header.putInt(entries).putInt(blockSize);
        int checksum = Layout.checksum(header.clear(), Layout.HEADER_CHECKSUM_OFFSET);
        return header.putInt(Layout.HEADER_CHECKSUM_OFFSET, checksum);
    }
}
