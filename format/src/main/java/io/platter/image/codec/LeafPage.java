package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A page of extents, with where the blocks of its DATA extents are.
 *
 * <pre>
 * map, after its first fields:
 *   extents     each: kind (1), reserved (3), blockCount (4; 0 unless DATA), length (8), detail (8)
 *   blocks      each: hash (32), length (4)
 * table:
 *   packCount   4
 *   frameCount  4
 *   runCount    4
 *   reserved    4; 0
 *   packs       see {@link PackTable}
 *   frames      each a {@link RecordLocation}
 *   runs        each: number in frames (2), slot of the first block (2), how many blocks (2) stand there one after the other
 * </pre>
 *
 * <p>Immutable.
 */
public final class LeafPage extends IndexPage {
    static final int EXTENT_LENGTH = 24;
    static final int BLOCK_LENGTH = Sha256.LENGTH + 4;
    static final int TABLE_HEADER_LENGTH = 16;
    static final int RUN_LENGTH = 6;

    private final ByteBuffer map;
    private final ImageExtent[] extents;

    /** The number of the first block of each extent, and after the last the number of blocks. */
    private final int[] firstBlocks;

    /** Where each block starts on the disk. */
    private final long[] blockOffsets;

    private final RecordLocation[] frames;

    /** Of each block the number of its frame above 16 bits of its slot. */
    private final int[] places;

    private final int blocksAt;

    private LeafPage(
            Head head,
            ByteBuffer map,
            ImageExtent[] extents,
            int[] firstBlocks,
            long[] blockOffsets,
            RecordLocation[] frames,
            int[] places) {
        super(head.diskOffset(), head.length(), HashDomain.PAGE.hash(map));
        this.map = map;
        this.extents = extents;
        this.firstBlocks = firstBlocks;
        this.blockOffsets = blockOffsets;
        this.frames = frames;
        this.places = places;
        this.blocksAt = HEADER_LENGTH + extents.length * EXTENT_LENGTH;
    }

    static LeafPage decode(Head head, ByteReader in, ByteBuffer map, StoredRecord record, Packs packs)
            throws IOException {
        int extentCount = checkCount(in, "extents", head.entryCount(), EXTENT_LENGTH);
        ImageExtent[] extents = new ImageExtent[extentCount];
        int[] firstBlocks = new int[extentCount + 1];
        long position = head.diskOffset();
        for (int i = 0; i < extentCount; i++) {
            int start = in.position();
            extents[i] = decodeExtent(in, position, head.end() - position);
            long blocks = Integer.toUnsignedLong(map.getInt(start + 4));
            if (blocks > head.blockCount() - firstBlocks[i]
                    || (blocks > 0) != (extents[i].kind() == ImageExtentKind.DATA)) {
                throw in.corrupt(start, blocks + " blocks in an extent of kind " + extents[i].kind());
            }
            firstBlocks[i + 1] = firstBlocks[i] + (int) blocks;
            position = extents[i].end();
        }
        int blockCount = firstBlocks[extentCount];
        if (position != head.end() || blockCount != head.blockCount()) {
            throw in.corrupt(
                    0,
                    "extents up to disk offset " + position + " with " + blockCount + " blocks, expected " + head.end()
                            + " with " + Integer.toUnsignedString(head.blockCount()));
        }
        checkCount(in, "blocks", blockCount, BLOCK_LENGTH);
        long[] blockOffsets = decodeBlocks(in, map, extents, firstBlocks);
        Texts.checkEnd(in, "blocks");
        ByteReader table = record.tableReader();
        int packCount = table.readI32();
        int frameCount = table.readI32();
        int runCount = table.readI32();
        table.skipZeros(4);
        RecordLocation[] frames =
                decodeFrames(table, PackTable.decode(table, packCount, record, packs, "page"), frameCount);
        return new LeafPage(
                head,
                map,
                extents,
                firstBlocks,
                blockOffsets,
                frames,
                decodePlaces(table, runCount, frames.length, blockCount));
    }

    private static ImageExtent decodeExtent(ByteReader in, long position, long left) throws CorruptImageException {
        int start = in.position();
        int kind = in.readU8();
        in.skipZeros(3);
        in.skip(4);
        long length = in.readI64();
        long detail = in.readI64();
        if (length <= 0 || length > left) {
            throw in.corrupt(start, "extent of " + length + " bytes, expected 1 to " + left);
        }
        try {
            return new ImageExtent(position, length, ImageExtentKind.ofCode(kind), detail);
        } catch (IllegalArgumentException e) {
            throw in.corrupt(start, String.valueOf(e.getMessage()));
        }
    }

    private static long[] decodeBlocks(ByteReader in, ByteBuffer map, ImageExtent[] extents, int[] firstBlocks)
            throws CorruptImageException {
        long[] offsets = new long[firstBlocks[extents.length]];
        for (int i = 0; i < extents.length; i++) {
            long position = extents[i].offset();
            for (int block = firstBlocks[i]; block < firstBlocks[i + 1]; block++) {
                int length = map.getInt(in.position() + Sha256.LENGTH);
                if (length < 1 || length > Limits.MAX_BLOCK) {
                    throw in.corrupt(
                            in.position(),
                            "block " + block + " of " + Integer.toUnsignedString(length) + " bytes, expected 1 to "
                                    + Limits.MAX_BLOCK);
                }
                in.skip(BLOCK_LENGTH);
                offsets[block] = position;
                position += length;
            }
            if (extents[i].kind() == ImageExtentKind.DATA && position != extents[i].end()) {
                throw in.corrupt(
                        HEADER_LENGTH + i * EXTENT_LENGTH,
                        "blocks of " + (position - extents[i].offset()) + " bytes in an extent of "
                                + extents[i].length());
            }
        }
        return offsets;
    }

    private static RecordLocation[] decodeFrames(ByteReader table, PackTable packs, int count)
            throws CorruptImageException {
        checkCount(table, "frames", count, RecordLocation.LENGTH);
        RecordLocation[] frames = new RecordLocation[count];
        for (int i = 0; i < count; i++) {
            frames[i] = packs.present(table, "frame " + i);
        }
        return frames;
    }

    private static int[] decodePlaces(ByteReader table, int runCount, int frameCount, int blockCount)
            throws CorruptImageException {
        checkCount(table, "runs", runCount, RUN_LENGTH);
        int[] places = new int[blockCount];
        int block = 0;
        for (int run = 0; run < runCount; run++) {
            int start = table.position();
            int frame = table.readU16();
            int slot = table.readU16();
            int count = table.readU16();
            if (frame >= frameCount || count < 1 || count > blockCount - block || slot + count > 1 << 16) {
                throw table.corrupt(
                        start,
                        "run of " + count + " blocks from slot " + slot + " of frame " + frame + " of " + frameCount
                                + ", " + (blockCount - block) + " blocks are left");
            }
            for (int i = 0; i < count; i++) {
                places[block++] = frame << 16 | (slot + i);
            }
        }
        if (block != blockCount) {
            throw table.corrupt(0, "runs of " + block + " blocks, expected " + blockCount);
        }
        Texts.checkEnd(table, "runs");
        return places;
    }

    @Override
    public int level() {
        return 0;
    }

    /** Returns the page's map, which says what the disk's bytes are, and no place; for reading. */
    public ByteBuffer map() {
        return map.asReadOnlyBuffer().rewind();
    }

    /** Returns the number of extents. */
    public int extentCount() {
        return extents.length;
    }

    /** Returns an extent. */
    public ImageExtent extent(int number) {
        return extents[number];
    }

    /** Returns the number of the extent that covers a place on the disk, which the page covers. */
    public int extentAt(long position) {
        int low = 0;
        int high = extents.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (extents[middle].offset() <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Returns the number of the extent's first block; for {@code extentCount()}, the number of blocks. */
    public int firstBlock(int extent) {
        return firstBlocks[extent];
    }

    /** Returns the number of blocks of all extents. */
    public int blockCount() {
        return places.length;
    }

    /** Returns the number of the block that covers a place on the disk, which a DATA extent of the page covers. */
    public int blockAt(long position) {
        int found = Arrays.binarySearch(blockOffsets, position);
        return found >= 0 ? found : -found - 2;
    }

    /** Returns where a block starts on the disk, in bytes. */
    public long blockOffset(int block) {
        return blockOffsets[block];
    }

    /** Returns the length of a block in bytes. */
    public int blockLength(int block) {
        return map.getInt(blocksAt + block * BLOCK_LENGTH + Sha256.LENGTH);
    }

    /** Copies a block's hash to {@code target} from {@code index} on. */
    public void hash(int block, byte[] target, int index) {
        map.get(blocksAt + block * BLOCK_LENGTH, target, index, Sha256.LENGTH);
    }

    /** Tells whether a block has the hash that stands in {@code other} from {@code index} on. */
    public boolean hasHash(int block, byte[] other, int index) {
        int start = blocksAt + block * BLOCK_LENGTH;
        return Arrays.equals(
                map.array(),
                map.arrayOffset() + start,
                map.arrayOffset() + start + Sha256.LENGTH,
                other,
                index,
                index + Sha256.LENGTH);
    }

    /** Returns the number of frames in which the page's blocks are. */
    public int frameCount() {
        return frames.length;
    }

    /** Returns where a frame is. */
    public RecordLocation frame(int number) {
        return frames[number];
    }

    /** Returns the number of the frame in which a block is. */
    public int frameNumber(int block) {
        return places[block] >>> 16;
    }

    /** Returns which of its frame's blocks a block is, from 0. */
    public int slot(int block) {
        return places[block] & 0xFFFF;
    }
}
