package io.platter.engine.write;

import io.platter.image.ImageExtentKind;
import io.platter.image.ImageStatistics;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much went through the pipeline, in bytes.
 *
 * <p>Written by the writer thread, read by any.
 */
public final class Counters {
    private final AtomicLong data = new AtomicLong();
    private final AtomicLong zero = new AtomicLong();
    private final AtomicLong unused = new AtomicLong();
    private final AtomicLong unreadable = new AtomicLong();
    private final AtomicLong fresh = new AtomicLong();
    private final AtomicLong written = new AtomicLong();

    /** Creates counters that go on where an image was left. */
    public Counters(ImageStatistics start) {
        data.set(start.dataBytes());
        zero.set(start.zeroBytes());
        unused.set(start.unusedBytes());
        unreadable.set(start.unreadableBytes());
        fresh.set(start.newBytes());
    }

    void add(ImageExtentKind kind, long length) {
        switch (kind) {
            case ZERO, FILL -> zero.addAndGet(length);
            case UNUSED -> unused.addAndGet(length);
            case UNREADABLE -> unreadable.addAndGet(length);
            case DATA -> throw new IllegalArgumentException("run of kind " + kind);
        }
    }

    void addBlock(int length, boolean isNew) {
        data.addAndGet(length);
        if (isNew) {
            fresh.addAndGet(length);
        }
    }

    void written(long position) {
        written.set(position);
    }

    /** Returns the length of the image file so far, in bytes. */
    public long written() {
        return written.get();
    }

    /** Returns how many bytes of each kind there are. */
    public ImageStatistics statistics() {
        return new ImageStatistics(data.get(), zero.get(), unused.get(), unreadable.get(), fresh.get());
    }
}
