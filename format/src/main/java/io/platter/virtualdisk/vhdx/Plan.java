package io.platter.virtualdisk.vhdx;

import io.platter.virtualdisk.spi.FileOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What stands where in a new VHDX file: the headers, an empty log, the metadata, the BAT, then the blocks.
 *
 * @param diskSize in bytes, a multiple of the sector
 * @param blockSize in bytes
 * @param isFixed whether all blocks are there, in order
 * @param sectorSize of a logical sector, in bytes
 * @param id the disk's identifier, from which the file's others are made
 */
record Plan(long diskSize, int blockSize, boolean isFixed, int sectorSize, UUID id) {
    private static final int LOG_OFFSET = Layout.MIB;
    private static final int LOG_LENGTH = Layout.MIB;
    private static final int METADATA_OFFSET = LOG_OFFSET + LOG_LENGTH;
    private static final int METADATA_LENGTH = Layout.MIB;
    private static final int CREATOR_OFFSET = 8;
    private static final String CREATOR = "Platter";

    static final int BAT_OFFSET = METADATA_OFFSET + METADATA_LENGTH;

    /** Returns the number of payload blocks. */
    long blocks() {
        return (diskSize + blockSize - 1) / blockSize;
    }

    long chunkRatio() {
        return Layout.chunkRatio(blockSize, sectorSize);
    }

    /** Returns where the first block stands. */
    long dataOffset() {
        return BAT_OFFSET + batLength();
    }

    private long batLength() {
        long entries = blocks() + blocks() / chunkRatio();
        long bytes = Math.max(1, entries) * Long.BYTES;
        return bytes + Math.floorMod(-bytes, Layout.MIB);
    }

    /** Returns the BAT entry of a block that stands at an offset of the file. */
    static long present(long fileOffset) {
        return fileOffset | Layout.BLOCK_FULLY_PRESENT;
    }

    /** Returns the file's first bytes: identifier, headers and region tables. */
    ByteBuffer headers() {
        ByteBuffer bytes = ByteBuffer.allocate(Layout.MIB).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(Layout.FILE_SIGNATURE);
        bytes.put(CREATOR_OFFSET, CREATOR.getBytes(StandardCharsets.UTF_16LE));
        UUID fileWriteId = new UUID(id.getMostSignificantBits(), ~id.getLeastSignificantBits());
        UUID dataWriteId = new UUID(~id.getMostSignificantBits(), id.getLeastSignificantBits());
        for (int copy = 0; copy < 2; copy++) {
            ByteBuffer header = Header.encode(copy + 1L, fileWriteId, dataWriteId, LOG_OFFSET, LOG_LENGTH);
            bytes.put((int) Layout.HEADER_OFFSETS[copy], header, 0, header.capacity());
            ByteBuffer regions = Regions.encode(BAT_OFFSET, batLength(), METADATA_OFFSET, METADATA_LENGTH);
            bytes.put((int) Layout.REGION_TABLE_OFFSETS[copy], regions, 0, regions.capacity());
        }
        return bytes.clear();
    }

    private ByteBuffer metadata() {
        return Metadata.encode(diskSize, blockSize, isFixed, sectorSize, id);
    }

    /** Writes headers and metadata to a file that has the rest. */
    void writeHeaders(FileOutput file) throws IOException {
        file.writeAt(METADATA_OFFSET, metadata());
        file.writeAt(0, headers());
    }

    /** Writes all that stands before the blocks of a fixed disk, with a gap for headers that come last. */
    void appendFixed(FileOutput file, boolean headersLast) throws IOException {
        if (headersLast) {
            file.appendZeros(LOG_OFFSET);
        } else {
            file.append(headers());
        }
        file.appendZeros(LOG_LENGTH);
        file.append(metadata());
        file.appendZeros(BAT_OFFSET - file.end());
        ByteBuffer entries = ByteBuffer.allocate(Layout.TABLE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        for (long block = 0; block < blocks(); block++) {
            if (block > 0 && block % chunkRatio() == 0) {
                put(file, entries, 0);
            }
            put(file, entries, present(dataOffset() + block * blockSize));
        }
        file.append(entries.flip());
        file.appendZeros(dataOffset() - file.end());
    }

    private static void put(FileOutput file, ByteBuffer entries, long entry) throws IOException {
        if (!entries.hasRemaining()) {
            file.append(entries.flip());
            entries.clear();
        }
        entries.putLong(entry);
    }

    /** Fills up the last block of a fixed disk, and the gap. */
    void completeFixed(FileOutput file, boolean headersLast) throws IOException {
        file.appendZeros(dataOffset() + blocks() * blockSize - file.end());
        file.complete();
        if (headersLast) {
            file.writeAt(0, headers());
        }
    }
}
