package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.UnsupportedImageException;
import java.nio.ByteBuffer;

/**
 * A page of extents, with where the blocks of its DATA extents are.
 *
 * <pre>
 * map part, behind the header:
 *   extents     each: kind (1), reserved (3), blockCount (4; 0 unless DATA), length (8), detail (8)
 *   blocks      each: hash (32), length (4)
 * location part:
 *   frameCount  4
 *   reserved    4
 *   frames      each a {@link RecordLocation}
 *   places      one a block: number in frames (2), slot in the frame (2)
 * </pre>
 *
 * <p>Immutable.
 */
public final class LeafPage extends IndexPage {
    static final int EXTENT_LENGTH = 24;
    static final int BLOCK_LENGTH = Sha256.LENGTH + 4;
    static final int LOCATION_HEADER_LENGTH = 8;
    static final int PLACE_LENGTH = 4;

    private final ByteBuffer bytes;
    private final Extent[] extents;

    /** The number of the first block of each extent, and behind the last the number of blocks. */
    private final int[] firstBlocks;

    private final RecordLocation[] frames;
    private final int blocksAt;
    private final int placesAt;

    private LeafPage(
            long diskOffset,
            long length,
            Sha256 hash,
            ByteBuffer bytes,
            Extent[] extents,
            int[] firstBlocks,
            RecordLocation[] frames) {
        super(diskOffset, length, hash);
        this.bytes = bytes;
        this.extents = extents;
        this.firstBlocks = firstBlocks;
        this.frames = frames;
        this.blocksAt = HEADER_LENGTH + extents.length * EXTENT_LENGTH;
        this.placesAt = bytes.limit() - blockCount() * PLACE_LENGTH;
    }

    static LeafPage decode(
            ByteReader in, ByteBuffer bytes, int entryCount, int blockCount, long diskOffset, long length)
            throws CorruptImageException, UnsupportedImageException {
        checkCount(in, "extents", entryCount, EXTENT_LENGTH);
        Extent[] extents = new Extent[entryCount];
        int[] firstBlocks = new int[entryCount + 1];
        long position = diskOffset;
        for (int i = 0; i < entryCount; i++) {
            int start = in.position();
            extents[i] = decodeExtent(in, position, diskOffset + length - position);
            long blocks = Integer.toUnsignedLong(bytes.getInt(start + 4));
            if (blocks > blockCount - firstBlocks[i] || (blocks > 0) != (extents[i].kind() == ExtentKind.DATA)) {
                throw in.corrupt(start, blocks + " blocks in an extent of kind " + extents[i].kind());
            }
            firstBlocks[i + 1] = firstBlocks[i] + (int) blocks;
            position = extents[i].end();
        }
        if (position != diskOffset + length || firstBlocks[entryCount] != blockCount) {
            throw in.corrupt(
                    0,
                    "extents up to disk offset " + position + " with " + firstBlocks[entryCount] + " blocks, expected "
                            + (diskOffset + length) + " with " + blockCount);
        }
        checkCount(in, "blocks", blockCount, BLOCK_LENGTH);
        in.skip(blockCount * BLOCK_LENGTH);
        int mapLength = in.position();
        RecordLocation[] frames = decodeFrames(in);
        checkCount(in, "places", blockCount, PLACE_LENGTH);
        in.skip(blockCount * PLACE_LENGTH);
        checkEnd(in);
        LeafPage page = new LeafPage(
                diskOffset, length, Sha256.of(bytes.slice(0, mapLength)), bytes, extents, firstBlocks, frames);
        page.checkBlocks(in);
        return page;
    }

    private static Extent decodeExtent(ByteReader in, long position, long left)
            throws CorruptImageException, UnsupportedImageException {
        int start = in.position();
        int kind = in.readU8();
        in.skip(7);
        long length = in.readI64();
        long detail = in.readI64();
        if (length <= 0 || length > left) {
            throw in.corrupt(start, "extent of " + length + " bytes, expected 1 to " + left);
        }
        if (kind == ExtentKind.PARENT.code()) {
            // Here and nowhere else, so that no way of reading can take it for something that it has.
            throw new UnsupportedImageException(
                    in.resource(), "the image's parent, which this version of Platter lacks");
        }
        try {
            return new Extent(position, length, ExtentKind.ofCode(kind), detail);
        } catch (IllegalArgumentException e) {
            throw in.corrupt(start, String.valueOf(e.getMessage()));
        }
    }

    private static RecordLocation[] decodeFrames(ByteReader in) throws CorruptImageException {
        int count = in.readI32();
        in.skip(4);
        checkCount(in, "frames", count, RecordLocation.LENGTH);
        RecordLocation[] frames = new RecordLocation[count];
        for (int i = 0; i < count; i++) {
            int start = in.position();
            frames[i] = RecordLocation.decode(in);
            if (!frames[i].isPresent()) {
                throw in.corrupt(start, "frame without a place");
            }
        }
        return frames;
    }

    private void checkBlocks(ByteReader in) throws CorruptImageException {
        for (int i = 0; i < extents.length; i++) {
            long sum = 0;
            for (int block = firstBlocks[i]; block < firstBlocks[i + 1]; block++) {
                int length = blockLength(block);
                int frame = frameNumber(block);
                if (length < 1 || length > Limits.MAX_BLOCK || frame >= frames.length) {
                    throw in.corrupt(
                            blocksAt + block * BLOCK_LENGTH,
                            "block " + block + " of " + Integer.toUnsignedString(length) + " bytes in frame " + frame
                                    + " of " + frames.length);
                }
                sum += length;
            }
            if (extents[i].kind() == ExtentKind.DATA && sum != extents[i].length()) {
                throw in.corrupt(
                        HEADER_LENGTH + i * EXTENT_LENGTH,
                        "blocks of " + sum + " bytes in an extent of " + extents[i].length());
            }
        }
    }

    @Override
    public int level() {
        return 0;
    }

    /** Returns the number of extents. */
    public int extentCount() {
        return extents.length;
    }

    /** Returns an extent. */
    public Extent extent(int number) {
        return extents[number];
    }

    /** Returns the number of the extent's first block; for {@code extentCount()}, the number of blocks. */
    public int firstBlock(int extent) {
        return firstBlocks[extent];
    }

    /** Returns the number of blocks of all extents. */
    public int blockCount() {
        return firstBlocks[extents.length];
    }

    /** Returns the length of a block in bytes. */
    public int blockLength(int block) {
        return bytes.getInt(blocksAt + block * BLOCK_LENGTH + Sha256.LENGTH);
    }

    /** Copies a block's hash to {@code target} from {@code index} on. */
    public void hash(int block, byte[] target, int index) {
        bytes.get(blocksAt + block * BLOCK_LENGTH, target, index, Sha256.LENGTH);
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
        return Short.toUnsignedInt(bytes.getShort(placesAt + block * PLACE_LENGTH));
    }

    /** Returns which of its frame's blocks a block is, from 0. */
    public int slot(int block) {
        return Short.toUnsignedInt(bytes.getShort(placesAt + block * PLACE_LENGTH + 2));
    }
}
