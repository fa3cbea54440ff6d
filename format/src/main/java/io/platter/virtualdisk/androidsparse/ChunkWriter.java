package io.platter.virtualdisk.androidsparse;

import io.platter.block.ExtentKind;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes an Android sparse image: chunks as large as runs are, each header when its chunk is complete, and the file's
 * header, which tells how many chunks there are, last.
 *
 * <p>Zeros are a FILL chunk, and so is any block of one repeated pattern. Not thread-safe: one thread at a time.
 */
final class ChunkWriter implements BlockCutter.Sink {
    /** Devices count a chunk's bytes in 32 bits, some of them signed. */
    private static final long MAX_RAW_CHUNK = 1 << 30;

    private static final int GATHERED = 1 << 20;

    private final FileOutput file;
    private final int blockSize;
    private final long blocks;
    /** Bytes of the current RAW chunk that are not yet written. */
    private final ByteBuffer gathered;

    private int type;
    private int pattern;
    private long chunkBlocks;
    private long chunkOffset;
    private long chunks;

    ChunkWriter(FileOutput file, long blocks, int blockSize) throws IOException {
        this.file = file;
        this.blockSize = blockSize;
        this.blocks = blocks;
        this.gathered = ByteBuffer.allocate(Math.max(GATHERED, blockSize));
        file.appendZeros(Layout.HEADER_LENGTH);
    }

    @Override
    public void block(long index, ByteBuffer block) throws IOException {
        if (isOnePattern(block)) {
            add(Layout.CHUNK_FILL, block.getInt(block.position()), 1);
            return;
        }
        if (chunkBlocks * blockSize >= MAX_RAW_CHUNK) {
            endChunk();
        }
        add(Layout.CHUNK_RAW, 0, 1);
        if (gathered.remaining() < blockSize) {
            writeGathered();
        }
        gathered.put(block);
    }

    /** Tells whether a block is its first four bytes over and over: then it equals itself moved by four. */
    private static boolean isOnePattern(ByteBuffer block) {
        int start = block.position();
        int length = block.remaining() - Integer.BYTES;
        return block.slice(start, length).mismatch(block.slice(start + Integer.BYTES, length)) < 0;
    }

    @Override
    public void empty(long first, long count, ExtentKind kind) throws IOException {
        add(kind == ExtentKind.ZERO ? Layout.CHUNK_FILL : Layout.CHUNK_DONT_CARE, 0, count);
    }

    private void add(int wantedType, int wantedPattern, long count) throws IOException {
        if (chunkBlocks > 0 && (type != wantedType || pattern != wantedPattern)) {
            endChunk();
        }
        if (chunkBlocks == 0) {
            type = wantedType;
            pattern = wantedPattern;
            chunkOffset = file.end();
            file.appendZeros(Layout.CHUNK_HEADER_LENGTH);
        }
        chunkBlocks += count;
    }

    private void writeGathered() throws IOException {
        file.append(gathered.flip());
        gathered.clear();
    }

    private void endChunk() throws IOException {
        if (chunkBlocks == 0) {
            return;
        }
        writeGathered();
        if (type == Layout.CHUNK_FILL) {
            file.append(littleEndian(Integer.BYTES).putInt(0, Integer.reverseBytes(pattern)));
        }
        ByteBuffer header = littleEndian(Layout.CHUNK_HEADER_LENGTH);
        header.putShort((short) type).putShort((short) 0);
        header.putInt((int) chunkBlocks).putInt((int) (file.end() - chunkOffset));
        file.writeAt(chunkOffset, header.flip());
        chunks++;
        chunkBlocks = 0;
    }

    private static ByteBuffer littleEndian(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void finish() throws IOException {
        endChunk();
        ByteBuffer header = littleEndian(Layout.HEADER_LENGTH);
        header.putInt(Layout.MAGIC);
        header.putShort((short) Layout.MAJOR_VERSION).putShort((short) 0);
        header.putShort((short) Layout.HEADER_LENGTH);
        header.putShort((short) Layout.CHUNK_HEADER_LENGTH);
        header.putInt(blockSize).putInt((int) blocks).putInt((int) chunks).putInt(0);
        file.writeAt(0, header.flip());
    }
}
