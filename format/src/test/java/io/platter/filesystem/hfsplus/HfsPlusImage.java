package io.platter.filesystem.hfsplus;

import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;

/**
 * An image of HFS+ in memory. Debian 12 has no program that formats HFS+ for writing: {@code xorriso} makes the tree, in a
 * partition of an ISO image without a free block, and what a volume in use has beyond that is added here by Apple TN1150.
 */
final class HfsPlusImage {
    static final int BLOCK = 512;
    /** The pieces in which the allocation file stands after {@link #grow}: the header of the volume has room for 8. */
    private static final int PIECES = 19;

    private static final int HEADER = 1024;
    private static final int ALLOCATION_FORK = HEADER + 112;
    private static final int EXTENTS_FORK = HEADER + 192;
    private static final int NODE_DESCRIPTOR = 14;

    byte[] bytes;
    private ByteBuffer buffer;

    private HfsPlusImage(byte[] bytes) {
        this.bytes = bytes;
        buffer = ByteBuffer.wrap(bytes);
    }

    /** Makes a volume with a copy of a directory. */
    static HfsPlusImage of(Path source, Path directory) throws IOException {
        Path iso = directory.resolve("hybrid.iso");
        Oracle.of("xorriso")
                .run(
                        "-as",
                        "mkisofs",
                        "-quiet",
                        "-hfsplus",
                        "-hfsplus-block-size",
                        BLOCK,
                        "-V",
                        "LABEL",
                        "-o",
                        iso,
                        source);
        ByteBuffer map = ByteBuffer.wrap(Files.readAllBytes(iso));
        int entry = 512;
        while (!new String(map.array(), entry + 48, 9, StandardCharsets.US_ASCII).equals("Apple_HFS")) {
            entry += 512;
        }
        int start = map.getInt(entry + 8) * 512;
        Files.delete(iso);
        return new HfsPlusImage(Arrays.copyOfRange(map.array(), start, start + map.getInt(entry + 12) * 512));
    }

    HfsPlusImage copy() {
        return new HfsPlusImage(bytes.clone());
    }

    void write(Path image) throws IOException {
        Files.write(image, bytes);
    }

    /** Gives the volume free blocks after the old ones, and an allocation file in pieces among them. */
    HfsPlusImage grow(int totalBlocks) {
        int oldBlocks = buffer.getInt(HEADER + 44);
        BitSet used = new BitSet(totalBlocks);
        used.set(0, oldBlocks - 2);
        release(used, ALLOCATION_FORK);
        release(used, EXTENTS_FORK);
        bytes = Arrays.copyOf(bytes, totalBlocks * BLOCK);
        buffer = ByteBuffer.wrap(bytes);

        int blocks = (totalBlocks / 8 + BLOCK - 1) / BLOCK;
        int perPiece = (blocks + PIECES - 1) / PIECES;
        int[] pieces = new int[PIECES];
        for (int i = 0; i < PIECES; i++) {
            // Neither in order nor side by side.
            pieces[i] = oldBlocks + 100 + (i * 7 % PIECES) * (perPiece + 5);
            used.set(pieces[i], pieces[i] + perPiece);
        }
        int tree = oldBlocks + 10;
        used.set(tree, tree + 4);
        used.set(totalBlocks - 2, totalBlocks);

        writeFork(ALLOCATION_FORK, PIECES * perPiece, perPiece, Arrays.copyOf(pieces, 8));
        writeFork(EXTENTS_FORK, 4, 4, tree);
        writeTree(tree, pieces, perPiece);
        writeBits(used, pieces, perPiece);
        buffer.putInt(HEADER + 44, totalBlocks);
        buffer.putInt(HEADER + 48, totalBlocks - used.cardinality());
        return sealed();
    }

    private void release(BitSet used, int fork) {
        int start = buffer.getInt(fork + 16);
        used.clear(start, start + buffer.getInt(fork + 20));
    }

    private void writeFork(int at, int blocks, int perPiece, int... pieces) {
        Arrays.fill(bytes, at, at + 80, (byte) 0);
        buffer.putLong(at, (long) blocks * BLOCK).putInt(at + 12, blocks);
        writeExtents(at + 16, perPiece, pieces);
    }

    private void writeExtents(int at, int perPiece, int... pieces) {
        for (int i = 0; i < pieces.length; i++) {
            buffer.putInt(at + 8 * i, pieces[i]).putInt(at + 8 * i + 4, perPiece);
        }
    }

    /** Writes the extents overflow file: a header node, and a leaf of 1024 bytes with a record for each 8 extents. */
    private void writeTree(int block, int[] pieces, int perPiece) {
        int nodeSize = 1024;
        int records = (PIECES - 1) / 8;
        int head = block * BLOCK;
        buffer.put(head + 8, (byte) 1).putShort(head + 10, (short) 3);
        int record = head + NODE_DESCRIPTOR;
        buffer.putShort(record, (short) 1).putInt(record + 2, 1).putInt(record + 6, records);
        buffer.putInt(record + 10, 1).putInt(record + 14, 1).putShort(record + 18, (short) nodeSize);
        buffer.putShort(record + 20, (short) 10).putInt(record + 22, 2);
        buffer.putInt(record + 38, 2);
        int[] offsets = {NODE_DESCRIPTOR, 120, 248, nodeSize - 8};
        for (int i = 0; i < offsets.length; i++) {
            buffer.putShort(head + nodeSize - 2 * (i + 1), (short) offsets[i]);
        }
        buffer.put(head + 248, (byte) 0xC0);

        int leaf = head + nodeSize;
        buffer.put(leaf + 8, (byte) -1).put(leaf + 9, (byte) 1).putShort(leaf + 10, (short) records);
        for (int i = 0; i <= records; i++) {
            int at = NODE_DESCRIPTOR + i * 76;
            buffer.putShort(leaf + nodeSize - 2 * (i + 1), (short) at);
            if (i < records) {
                int first = 8 * (i + 1);
                buffer.putShort(leaf + at, (short) 10).putInt(leaf + at + 4, 6).putInt(leaf + at + 8, first * perPiece);
                writeExtents(leaf + at + 12, perPiece, Arrays.copyOfRange(pieces, first, Math.min(first + 8, PIECES)));
            }
        }
    }

    private void writeBits(BitSet used, int[] pieces, int perPiece) {
        int bitsPerPiece = perPiece * BLOCK * 8;
        used.stream().forEach(bit -> {
            int at = pieces[bit / bitsPerPiece] * BLOCK + bit % bitsPerPiece / 8;
            bytes[at] |= (byte) (0x80 >> bit % 8);
        });
    }

    /** Adds a journal in two blocks that were free. */
    HfsPlusImage withJournal(long start, long end, ByteOrder order) {
        int block = 0;
        while (isUsed(block) || isUsed(block + 1)) {
            block++;
        }
        buffer.putInt(HEADER + 4, buffer.getInt(HEADER + 4) | 1 << 13).putInt(HEADER + 12, block);
        take(block);
        take(block + 1);
        buffer.putInt(block * BLOCK, 1).putLong(block * BLOCK + 36, (block + 1L) * BLOCK);
        buffer.putLong(block * BLOCK + 44, BLOCK);
        ByteBuffer journal = ByteBuffer.wrap(bytes).order(order);
        int at = (block + 1) * BLOCK;
        journal.putInt(at, 0x4A4E4C78)
                .putInt(at + 4, 0x12345678)
                .putLong(at + 8, start)
                .putLong(at + 16, end);
        return sealed();
    }

    private boolean isUsed(int block) {
        return (bytes[bitsOf(block)] & 0x80 >> block % 8) != 0;
    }

    /** Sets the bit of a block that was free, and counts so. */
    private void take(int block) {
        bytes[bitsOf(block)] |= (byte) (0x80 >> block % 8);
        buffer.putInt(HEADER + 48, buffer.getInt(HEADER + 48) - 1);
    }

    /** Returns where the bit of a block stands, in one of the first extents of the allocation file. */
    private int bitsOf(int block) {
        int rest = block / 8;
        int extent = ALLOCATION_FORK + 16;
        while (rest >= buffer.getInt(extent + 4) * BLOCK) {
            rest -= buffer.getInt(extent + 4) * BLOCK;
            extent += 8;
        }
        return buffer.getInt(extent) * BLOCK + rest;
    }

    /** Clears the bit of a block that was used, and counts so. */
    HfsPlusImage withFree(int block) {
        bytes[bitsOf(block)] &= (byte) ~(0x80 >> block % 8);
        buffer.putInt(HEADER + 48, buffer.getInt(HEADER + 48) + 1);
        return sealed();
    }

    /** Returns the first block of the extents overflow file. */
    int extentsFile() {
        return buffer.getInt(EXTENTS_FORK + 16);
    }

    HfsPlusImage withAttributes(int clear, int set) {
        buffer.putInt(HEADER + 4, (buffer.getInt(HEADER + 4) & ~clear) | set);
        return sealed();
    }

    HfsPlusImage withId(long id) {
        buffer.putLong(HEADER + 104, id);
        return sealed();
    }

    /** Makes it HFSX, in which names differ by their case. */
    HfsPlusImage extended() {
        buffer.putShort(HEADER, (short) 0x4858).putShort(HEADER + 2, (short) 5);
        return sealed();
    }

    /** Puts the volume into an HFS volume, with {@code before} bytes in front of it and {@code after} after it. */
    HfsPlusImage wrapped(int before, int after) {
        HfsPlusImage result = new HfsPlusImage(new byte[before + bytes.length + after]);
        System.arraycopy(bytes, 0, result.bytes, before, bytes.length);
        int unit = 4096;
        int firstBlock = 16 * 512;
        result.buffer.putShort(HEADER, (short) 0x4244).putInt(HEADER + 0x14, unit);
        result.buffer.putShort(HEADER + 0x1C, (short) (firstBlock / 512)).putShort(HEADER + 0x7C, (short) 0x482B);
        result.buffer.putShort(HEADER + 0x7E, (short) ((before - firstBlock) / unit));
        result.buffer.putShort(HEADER + 0x80, (short) (bytes.length / unit));
        return result;
    }

    /** Copies the volume header to its second place. */
    private HfsPlusImage sealed() {
        System.arraycopy(bytes, HEADER, bytes, bytes.length - HEADER, BLOCK);
        return this;
    }
}
