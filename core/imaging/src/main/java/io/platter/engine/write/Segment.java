package io.platter.engine.write;

import io.platter.image.ImageExtentKind;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A run of the disk on its way through the pipeline: bytes, and the items into which they were cut, which are blocks
 * and runs without data. Goes back to its pool when nobody holds it any more.
 *
 * <p>Filled by the caller's thread, hashed by a worker, then read by the writer thread and by workers.
 */
final class Segment {
    /** Room before the bytes that are read, for the block that began in the segment before. */
    static final int HEADROOM = Limits.MAX_BLOCK;

    /** How many bytes are read into one segment. */
    static final int SIZE = 2 << 20;

    /** More than the cells of a segment, twice over. */
    static final int MAX_ITEMS = 2048;

    final ByteBuffer bytes;
    final byte[] hashes = new byte[MAX_ITEMS * Sha256.LENGTH];

    /** Where a block starts in {@link #bytes}, or −1 minus the kind's code for a run without data. */
    private final int[] starts = new int[MAX_ITEMS];

    private final long[] lengths = new long[MAX_ITEMS];
    private final long[] details = new long[MAX_ITEMS];
    private int count;
    private final AtomicInteger holders = new AtomicInteger(1);
    private final SegmentPool pool;

    Segment(SegmentPool pool, ByteBuffer bytes) {
        this.pool = pool;
        this.bytes = bytes;
    }

    /** Makes the segment empty, with one holder. */
    void reset() {
        count = 0;
        holders.set(1);
    }

    void hold() {
        holders.incrementAndGet();
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            pool.giveBack(this);
        }
    }

    void addBlock(int start, int length) {
        starts[count] = start;
        lengths[count] = length;
        count++;
    }

    /** Adds a run without data, as an item of its own or to the last one. */
    void addRun(ImageExtentKind kind, long length, long detail) {
        int start = -1 - kind.code();
        if (count > 0 && starts[count - 1] == start && details[count - 1] == detail) {
            lengths[count - 1] += length;
            return;
        }
        starts[count] = start;
        lengths[count] = length;
        details[count] = detail;
        count++;
    }

    int count() {
        return count;
    }

    boolean isBlock(int item) {
        return starts[item] >= 0;
    }

    int start(int item) {
        return starts[item];
    }

    ImageExtentKind kind(int item) {
        return ImageExtentKind.ofCode(-1 - starts[item]);
    }

    long length(int item) {
        return lengths[item];
    }

    long detail(int item) {
        return details[item];
    }
}
