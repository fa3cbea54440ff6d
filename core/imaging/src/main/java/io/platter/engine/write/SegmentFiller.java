package io.platter.engine.write;

import io.platter.image.CutRule;
import io.platter.image.ImageExtentKind;
import io.platter.image.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Takes the bytes of the disk in ascending order, finds the cells of the grid that hold one repeated pattern, and cuts
 * the rest into blocks. Where a block ends depends on the bytes since its start only, so that it does not matter how
 * the bytes were handed over.
 *
 * <p>Caller's thread only.
 */
final class SegmentFiller {
    /** The fewest cells of the 4 KiB grid in a block that is cut by content, unless its extent ends. */
    private static final int MIN_CELLS = 2;

    /** The most cells in a block. */
    private static final int MAX_CELLS = Limits.MAX_BLOCK / Limits.CLUSTER;

    /**
     * A block that is cut by content ends after a cell whose CRC-32C has zeros at the ones of this mask: one cell in
     * four. It also ends, however short it is, after a cell whose last eight bytes are zeros: there a file ends, on most
     * filesystems, and what follows belongs to another. Together this gives blocks of about 14 KiB on a system's disk.
     */
    private static final long MASK = 3;

    /** Where full segments go. */
    interface Target {
        /** Takes a segment; if it throws, the segment is still the caller's. */
        void accept(Segment segment) throws IOException;
    }

    /** What is copied into the open segment rather than taking one of its own, so that segments are full. */
    private static final int SHORT = Segment.SIZE / 4;

    private final SegmentPool pool;
    private final Target target;
    private final CutRule cut;
    private final CRC32C crc = new CRC32C();

    /** Where the grid starts anew, ascending; the first is 0. Far enough apart for a segment's items. */
    private final long[] origins;

    private int origin;
    private Segment segment;
    private ByteBuffer bytes;

    /** The disk offset of the byte at {@link #filled}. */
    private long position;

    /** The bytes of the block that has no end yet: from {@code blockStart}, its cells up to {@code scanned}. */
    private int blockStart;

    private int scanned;
    private int filled;
    private int cells;

    SegmentFiller(SegmentPool pool, Target target, CutRule cut, long[] origins, long position)
            throws InterruptedException {
        this.pool = pool;
        this.target = target;
        this.cut = cut;
        this.origins = origins;
        this.position = position;
        this.segment = pool.take();
        this.bytes = segment.bytes.order(ByteOrder.LITTLE_ENDIAN);
        startAt(Segment.HEADROOM);
        int found = Arrays.binarySearch(origins, position);
        this.origin = found >= 0 ? found : -found - 2;
    }

    private void startAt(int index) {
        blockStart = index;
        scanned = index;
        filled = index;
        cells = 0;
    }

    /** Returns the disk offset of the next byte. */
    long position() {
        return position;
    }

    /** Returns the disk offset up to which all blocks have an end. */
    long settledPosition() {
        return position - (filled - blockStart);
    }

    /** Returns room for the next bytes: at least one, at most a segment. */
    ByteBuffer room() {
        return bytes.duplicate().limit(bytes.capacity()).position(filled);
    }

    /**
     * Takes the bytes of a segment that was read: the next {@code count} of the disk, from its headroom on. The segment is
     * released by those who have it next.
     */
    void take(Segment read, int count) throws IOException, InterruptedException {
        if (count <= bytes.capacity() - filled && count <= SHORT) {
            bytes.put(filled, read.bytes, Segment.HEADROOM, count);
            read.release();
        } else {
            goOnIn(read);
        }
        filled(count);
    }

    /** Takes {@code count} bytes that were put into the {@link #room()}. */
    void filled(int count) throws IOException, InterruptedException {
        filled += count;
        position += count;
        scan(false);
        flushIfFull();
    }

    /** Takes a run without data. */
    void run(ImageExtentKind kind, long length, long detail) throws IOException, InterruptedException {
        endExtent();
        flushIfFull();
        segment.addRun(kind, length, detail);
        advance(length);
    }

    /** Passes over bytes that are taken without this; all blocks before have an end. */
    void pass(long length) throws IOException, InterruptedException {
        if (segment.count() > 0) {
            flush();
        }
        advance(length);
    }

    private void advance(long length) {
        position += length;
        while (origin + 1 < origins.length && origins[origin + 1] <= position) {
            origin++;
        }
    }

    /** Ends the block that has no end yet, since its extent ends here. */
    void endExtent() {
        scan(true);
        endBlock();
    }

    /** Hands over what has an end, and goes on in another segment. */
    void flush() throws IOException, InterruptedException {
        goOnIn(pool.take());
    }

    private void goOnIn(Segment next) throws IOException {
        ByteBuffer nextBytes = next.bytes.order(ByteOrder.LITTLE_ENDIAN);
        int carried = filled - blockStart;
        int carriedCells = cells;
        int scannedOfCarried = scanned - blockStart;
        nextBytes.put(Segment.HEADROOM - carried, bytes, blockStart, carried);
        try {
            target.accept(segment);
        } catch (IOException | RuntimeException | Error e) {
            next.release();
            throw e;
        }
        segment = next;
        bytes = nextBytes;
        startAt(Segment.HEADROOM);
        blockStart = Segment.HEADROOM - carried;
        scanned = blockStart + scannedOfCarried;
        cells = carriedCells;
    }

    /** Gives the last segment back. Nothing else may be called afterwards. */
    void close() {
        segment.release();
    }

    private void scan(boolean extentEnds) {
        while (scanned < filled) {
            long cellStart = position - (filled - scanned);
            if (origin + 1 < origins.length && origins[origin + 1] == cellStart) {
                endBlock();
                origin++;
            }
            int length = (int) Math.min(cellEnd(cellStart) - cellStart, Integer.MAX_VALUE);
            if (filled - scanned < length) {
                if (!extentEnds) {
                    return;
                }
                length = filled - scanned;
            }
            scanCell(cellStart, length);
        }
    }

    private long cellEnd(long cellStart) {
        long start = origins[origin];
        long end = start + ((cellStart - start) / Limits.CLUSTER + 1) * Limits.CLUSTER;
        return origin + 1 < origins.length ? Math.min(end, origins[origin + 1]) : end;
    }

    private void scanCell(long cellStart, int length) {
        if (Patterns.isUniform(bytes, scanned, length, cellStart)) {
            long pattern = Patterns.patternAt(bytes, scanned, length);
            endBlock();
            scanned += length;
            blockStart = scanned;
            segment.addRun(pattern == 0 ? ImageExtentKind.ZERO : ImageExtentKind.FILL, length, pattern);
            return;
        }
        scanned += length;
        cells++;
        if (isCut(cellStart, length)) {
            endBlock();
        }
    }

    private boolean isCut(long cellStart, int length) {
        if (cut.isByContent()) {
            if (length >= Long.BYTES && bytes.getLong(scanned - Long.BYTES) == 0) {
                return true;
            }
            if (cells < MIN_CELLS) {
                return false;
            }
            crc.reset();
            crc.update(bytes.limit(scanned).position(scanned - length));
            bytes.clear();
            return cells == MAX_CELLS || (crc.getValue() & MASK) == 0;
        }
        return (cellStart + length - origins[origin]) % cut.fixedSize() == 0;
    }

    private void endBlock() {
        if (scanned > blockStart) {
            segment.addBlock(blockStart, scanned - blockStart);
        }
        blockStart = scanned;
        cells = 0;
    }

    /** Room for items is left for all cells of the bytes that come next. */
    private void flushIfFull() throws IOException, InterruptedException {
        if (filled == bytes.capacity() || segment.count() > Segment.MAX_ITEMS / 2) {
            flush();
        }
    }
}
