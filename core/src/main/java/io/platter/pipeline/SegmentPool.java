package io.platter.pipeline;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * A fixed number of segments: whoever needs one waits until one comes back, which bounds the pipeline's memory.
 *
 * <p>Safe for use by several threads.
 */
final class SegmentPool {
    /** Direct I/O wants buffers that start at a page. */
    private static final int ALIGNMENT = 4096;

    private final ArrayBlockingQueue<Segment> free;
    private final int size;

    SegmentPool(int size) {
        this.size = size;
        this.free = new ArrayBlockingQueue<>(size);
        for (int i = 0; i < size; i++) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(Segment.HEADROOM + Segment.SIZE + ALIGNMENT)
                    .alignedSlice(ALIGNMENT);
            free.add(new Segment(this, bytes.limit(Segment.HEADROOM + Segment.SIZE)));
        }
    }

    /** Waits for a segment and returns it, empty. */
    Segment take() throws InterruptedException {
        Segment segment = free.take();
        segment.reset();
        return segment;
    }

    void giveBack(Segment segment) {
        free.add(segment);
    }

    /** Tells whether all segments are back. */
    boolean isWhole() {
        return free.size() == size;
    }
}
