package io.platter.pipeline;

import io.platter.block.AlignedBuffers;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of segments: whoever needs one waits until one comes back, which bounds the pipeline's memory.
 *
 * <p>Safe for use by several threads.
 */
final class SegmentPool {
    private final ArrayBlockingQueue<Segment> free;
    private final int size;

    SegmentPool(int size) {
        this.size = size;
        this.free = new ArrayBlockingQueue<>(size);
        for (int i = 0; i < size; i++) {
            ByteBuffer bytes = AlignedBuffers.allocate(Segment.HEADROOM + Segment.SIZE);
            free.add(new Segment(this, bytes));
        }
    }

    /** Waits for a segment and returns it, empty. */
    Segment take() throws InterruptedException {
        Segment segment = free.take();
        segment.reset();
        return segment;
    }

    /** Returns an empty segment, or nothing if there is none. */
    @Nullable
    Segment poll() {
        Segment segment = free.poll();
        if (segment != null) {
            segment.reset();
        }
        return segment;
    }

    /** Returns how many segments may be read ahead, so that the rest of the pipeline never lacks one. */
    int ahead() {
        return size / 2;
    }

    void giveBack(Segment segment) {
        free.add(segment);
    }

    /** Tells whether all segments are back. */
    boolean isWhole() {
        return free.size() == size;
    }
}
