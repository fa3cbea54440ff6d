package io.platter.engine.write;

import io.platter.block.AlignedBuffers;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of segments, made when they are first needed: whoever needs one more waits until one comes back, which
 * bounds the pipeline's memory.
 *
 * <p>Safe for use by several threads.
 */
final class SegmentPool {
    private final ArrayBlockingQueue<Segment> free;
    private final int size;
    private final AtomicInteger made = new AtomicInteger();

    SegmentPool(int size) {
        this.size = size;
        this.free = new ArrayBlockingQueue<>(size);
    }

    /** Returns how many bytes of memory so many segments take. */
    static long memory(int size) {
        return (long) size * (Segment.HEADROOM + Segment.SIZE);
    }

    /** Waits for a segment and returns it, empty. */
    Segment take() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Segment segment = poll();
        return segment != null ? segment : free.take();
    }

    /** Returns an empty segment, or nothing if there is none. */
    @Nullable
    Segment poll() {
        Segment segment = free.poll();
        if (segment == null && made.getAndUpdate(count -> Math.min(count + 1, size)) < size) {
            segment = make();
        }
        return segment;
    }

    private Segment make() {
        try {
            return new Segment(this, AlignedBuffers.allocate(Segment.HEADROOM + Segment.SIZE));
        } catch (RuntimeException | Error e) {
            // Nobody may wait for one that there is no memory for.
            made.decrementAndGet();
            throw e;
        }
    }

    /** Returns how many segments may be read ahead, so that the rest of the pipeline never lacks one. */
    int ahead() {
        return size / 2;
    }

    void giveBack(Segment segment) {
        segment.reset();
        free.add(segment);
    }

    /** Tells whether all segments are back. */
    boolean isWhole() {
        return free.size() == made.get();
    }
}
