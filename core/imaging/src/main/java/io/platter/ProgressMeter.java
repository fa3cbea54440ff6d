package io.platter;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Tells a listener not too often. Calling thread of the job only. */
final class ProgressMeter {
    private static final long INTERVAL_NANOS = 200_000_000;

    private final ProgressListener listener;
    private final LongSupplier nanoClock;
    private final long start;
    private long next;

    ProgressMeter(ProgressListener listener, LongSupplier nanoClock) {
        this.listener = listener;
        this.nanoClock = nanoClock;
        this.start = nanoClock.getAsLong();
        this.next = start + INTERVAL_NANOS;
    }

    Duration elapsed() {
        return Duration.ofNanos(nanoClock.getAsLong() - start);
    }

    /** Tells the listener, if its time has come. */
    void tick(Function<Duration, Progress> progress) {
        long now = nanoClock.getAsLong();
        if (now - next >= 0) {
            next = now + INTERVAL_NANOS;
            listener.onProgress(progress.apply(Duration.ofNanos(now - start)));
        }
    }

    /** Tells the listener for the last time. */
    void end(Function<Duration, Progress> progress) {
        listener.onProgress(progress.apply(elapsed()));
    }
}
