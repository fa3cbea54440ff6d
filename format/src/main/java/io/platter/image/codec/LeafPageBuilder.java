package io.platter.image.codec;

import io.platter.image.FileId;
import io.platter.image.ImageExtentKind;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongConsumer;
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
    private final ByteBuffer runs = ByteBuffer.allocate(Limits.MAX_PAGE).order(ByteOrder.LITTLE_ENDIAN);
    private final PackTable.Names names;

    /** The most bytes that a frame takes in the table. */
    private final int frameLength;

    private long[] frames = new long[64];
    private int frameCount;
    private int lastFrame;
    private long diskOffset;
    private long length;

    /**
     * Returns a builder of a page that starts at {@code diskOffset}.
     *
     * @param names the packs in which its frames are
     */
    public LeafPageBuilder(long diskOffset, PackTable.Names names) {
        this.diskOffset = diskOffset;
        this.names = names;
        this.frameLength = RecordLocation.LENGTH + (names.equals(PackTable.Names.NONE) ? 0 : FileId.LENGTH);
    }

    /** Forgets all, for a page that starts at {@code newDiskOffset}. */
    public void reset(long newDiskOffset) {
        extents.clear();
        blocks.clear();
        runs.clear();
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
        int map = IndexPage.HEADER_LENGTH + extents.position() + blocks.position();
        return map + LeafPage.EXTENT_LENGTH + LeafPage.BLOCK_LENGTH <= Limits.MAX_PAGE && hasRoomForPlace();
    }

    /** Tells whether the table has room for the place of one more block. */
    public boolean hasRoomForPlace() {
        int table = LeafPage.TABLE_HEADER_LENGTH + frameCount * frameLength + runs.position();
        return table + frameLength + LeafPage.RUN_LENGTH <= Limits.MAX_PAGE;
    }

    /**
     * Tells whether an extent of this kind would only make the page's last one longer, which always fits.
     *
     * @param kind any kind but DATA
     * @param detail its detail
     */
    public boolean continues(ImageExtentKind kind, long detail) {
        return lastIs(kind) && extents.getLong(extents.position() - 8) == detail;
    }

    private boolean lastIs(ImageExtentKind kind) {
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
    public void addExtent(ImageExtentKind kind, long runLength, long detail) {
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
        if (lastIs(ImageExtentKind.DATA)) {
            addToLast(1, blockLength);
        } else {
            extents.putInt(ImageExtentKind.DATA.code())
                    .putInt(1)
                    .putLong(blockLength)
                    .putLong(0);
        }
        blocks.put(hashes, hashIndex, Sha256.LENGTH).putInt(blockLength);
        addPlace(frame, slot);
        length += blockLength;
    }

    /**
     * Adds only where the next block is, for the table of a page whose map is there already.
     *
     * @param inFrame the frame in which the block is
     * @param slot which of the frame's blocks it is
     */
    public void addPlace(long inFrame, int slot) {
        int frame = numberOf(inFrame);
        int last = runs.position() - LeafPage.RUN_LENGTH;
        if (last >= 0) {
            int count = Short.toUnsignedInt(runs.getShort(last + 4));
            boolean goesOn = Short.toUnsignedInt(runs.getShort(last)) == frame
                    && Short.toUnsignedInt(runs.getShort(last + 2)) + count == slot;
            if (goesOn) {
                runs.putShort(last + 4, (short) (count + 1));
                return;
            }
        }
        runs.putShort((short) frame).putShort((short) slot).putShort((short) 1);
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

    /** Returns the highest frame of the page below a number, or −1 if it has none. */
    public long highestFrameBelow(long limit) {
        long highest = -1;
        for (int i = 0; i < frameCount; i++) {
            highest = frames[i] < limit ? Math.max(highest, frames[i]) : highest;
        }
        return highest;
    }

    /** Gives the frames of the page to somebody. */
    public void eachFrame(LongConsumer frame) {
        for (int i = 0; i < frameCount; i++) {
            frame.accept(frames[i]);
        }
    }

    /** Returns the map of the page. */
    public ByteBuffer encodeMap() {
        ByteBuffer map = ByteBuffer.allocate(IndexPage.HEADER_LENGTH + extents.position() + blocks.position())
                .order(ByteOrder.LITTLE_ENDIAN);
        new IndexPage.Head(
                        0,
                        extents.position() / LeafPage.EXTENT_LENGTH,
                        blocks.position() / LeafPage.BLOCK_LENGTH,
                        diskOffset,
                        length)
                .encode(map);
        return map.put(extents.duplicate().flip())
                .put(blocks.duplicate().flip())
                .flip();
    }

    /**
     * Returns the table of the page.
     *
     * @param locations gives the place of each frame
     */
    public ByteBuffer encodeTable(LongFunction<RecordLocation> locations) {
        PackTable.Builder packs = new PackTable.Builder(names);
        RecordLocation[] places = new RecordLocation[frameCount];
        for (int i = 0; i < frameCount; i++) {
            places[i] = packs.inRecord(locations.apply(frames[i]));
        }
        ByteBuffer table = ByteBuffer.allocate(LeafPage.TABLE_HEADER_LENGTH
                        + packs.length()
                        + frameCount * RecordLocation.LENGTH
                        + runs.position())
                .order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(packs.count())
                .putInt(frameCount)
                .putInt(runs.position() / LeafPage.RUN_LENGTH)
                .putInt(0);
        packs.encode(table);
        for (RecordLocation place : places) {
            place.encode(table);
        }
        return table.put(runs.duplicate().flip()).flip();
    }
}
