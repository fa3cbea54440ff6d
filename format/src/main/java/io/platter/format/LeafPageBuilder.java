package io.platter.format;

import io.platter.block.ExtentKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * Gathers the extents and blocks of one leaf page. Frames are named by a number of the caller's choice until the page
 * is encoded, since a frame's place is known only when it has been written.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LeafPageBuilder {
    private final ByteBuffer extents = ByteBuffer.allocate(Limits.MAX_PAGE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer blocks = ByteBuffer.allocate(Limits.MAX_PAGE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer places = ByteBuffer.allocate(Limits.MAX_PAGE).order(ByteOrder.LITTLE_ENDIAN);
    private long[] frames = new long[64];
    private int frameCount;
    private int lastFrame;
    private long diskOffset;
    private long length;

    /** Returns a builder of a page that starts at {@code diskOffset}. */
    public LeafPageBuilder(long diskOffset) {
        this.diskOffset = diskOffset;
    }

    /** Forgets all, for a page that starts at {@code newDiskOffset}. */
    public void reset(long newDiskOffset) {
        extents.clear();
        blocks.clear();
        places.clear();
        frameCount = 0;
        lastFrame = 0;
        diskOffset = newDiskOffset;
        length = 0;
    }

    /** Returns where the page's range starts on the disk, in bytes. */
    public long diskOffset() {
        return diskOffset;
    }

    /** Returns how long the page's range is so far, in bytes. */
    public long length() {
        return length;
    }

    /** Tells whether nothing was added yet. */
    public boolean isEmpty() {
        return length == 0;
    }

    /** Tells whether one more extent or block is sure to fit. */
    public boolean hasRoom() {
        int used = IndexPage.HEADER_LENGTH
                + extents.position()
                + blocks.position()
                + LeafPage.LOCATION_HEADER_LENGTH
                + frameCount * RecordLocation.LENGTH
                + places.position();
        int most = LeafPage.EXTENT_LENGTH + LeafPage.BLOCK_LENGTH + RecordLocation.LENGTH + LeafPage.PLACE_LENGTH;
        return used + most <= Limits.MAX_PAGE;
    }

    /**
     * Tells whether an extent of this kind would only make the page's last one longer, which always fits.
     *
     * @param kind any kind but DATA
     * @param detail its detail
     */
    public boolean continues(ExtentKind kind, long detail) {
        return lastIs(kind) && extents.getLong(extents.position() - 8) == detail;
    }

    private boolean lastIs(ExtentKind kind) {
        int last = extents.position() - LeafPage.EXTENT_LENGTH;
        return last >= 0 && extents.get(last) == kind.code();
    }

    /**
     * Adds a run without blocks, as an extent of its own or to the last one.
     *
     * @param kind any kind but DATA
     * @param runLength in bytes
     * @param detail the kind's detail
     */
    public void addExtent(ExtentKind kind, long runLength, long detail) {
        if (continues(kind, detail)) {
            addToLast(0, runLength);
        } else {
            extents.putInt(kind.code()).putInt(0).putLong(runLength).putLong(detail);
        }
        length += runLength;
    }

    /**
     * Adds a block of a DATA extent.
     *
     * @param hashes holds the block's hash
     * @param hashIndex where in {@code hashes} it starts
     * @param blockLength in bytes
     * @param frame the frame in which the block is
     * @param slot which of the frame's blocks it is
     */
    public void addBlock(byte[] hashes, int hashIndex, int blockLength, long frame, int slot) {
        if (lastIs(ExtentKind.DATA)) {
            addToLast(1, blockLength);
        } else {
            extents.putInt(ExtentKind.DATA.code())
                    .putInt(1)
                    .putLong(blockLength)
                    .putLong(0);
        }
        blocks.put(hashes, hashIndex, Sha256.LENGTH).putInt(blockLength);
        places.putShort((short) numberOf(frame)).putShort((short) slot);
        length += blockLength;
    }

    private void addToLast(int moreBlocks, long moreBytes) {
        int last = extents.position() - LeafPage.EXTENT_LENGTH;
        extents.putInt(last + 4, extents.getInt(last + 4) + moreBlocks);
        extents.putLong(last + 8, extents.getLong(last + 8) + moreBytes);
    }

    private int numberOf(long frame) {
        if (lastFrame < frameCount && frames[lastFrame] == frame) {
            return lastFrame;
        }
        for (int i = 0; i < frameCount; i++) {
            if (frames[i] == frame) {
                lastFrame = i;
                return i;
            }
        }
        if (frameCount == frames.length) {
            frames = Arrays.copyOf(frames, 2 * frameCount);
        }
        frames[frameCount] = frame;
        lastFrame = frameCount;
        return frameCount++;
    }

    /** Returns the highest frame of the page, or −1 if it has none. */
    public long highestFrame() {
        long highest = -1;
        for (int i = 0; i < frameCount; i++) {
            highest = Math.max(highest, frames[i]);
        }
        return highest;
    }

    /** Returns the hash of the page's map part. */
    public Sha256 hash() {
        ByteBuffer target = ByteBuffer.allocate(mapLength()).order(ByteOrder.LITTLE_ENDIAN);
        encodeMap(target);
        return Sha256.of(target.flip());
    }

    /**
     * Returns the bytes of the page.
     *
     * @param locations gives the place of each frame
     */
    public ByteBuffer encode(LongFunction<RecordLocation> locations) {
        ByteBuffer target = ByteBuffer.allocate(Limits.MAX_PAGE).order(ByteOrder.LITTLE_ENDIAN);
        encodeMap(target);
        target.putInt(frameCount).putInt(0);
        for (int i = 0; i < frameCount; i++) {
            locations.apply(frames[i]).encode(target);
        }
        target.put(places.duplicate().flip());
        return target.flip();
    }

    private int mapLength() {
        return IndexPage.HEADER_LENGTH + extents.position() + blocks.position();
    }

    private void encodeMap(ByteBuffer target) {
        IndexPage.encodeHeader(
                target,
                0,
                extents.position() / LeafPage.EXTENT_LENGTH,
                blocks.position() / LeafPage.BLOCK_LENGTH,
                diskOffset,
                length);
        target.put(extents.duplicate().flip()).put(blocks.duplicate().flip());
    }
}
