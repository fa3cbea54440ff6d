package io.platter.engine.line;

import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.job.Progress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells a listener how far a job is, not too often, and measures how fast it is.
 *
 * <p>Not thread-safe: the thread that runs the job only.
 */
public final class ProgressMeter {
    private record Snapshot(Counts counts, Duration elapsed, OptionalLong rate) implements Progress {
        @Override
        public Phase phase() {
            return counts.phase();
        }

        @Override
        public long done() {
            return counts.done();
        }

        @Override
        public OptionalLong total() {
            return counts.total();
        }

        @Override
        public long read() {
            return counts.read();
        }

        @Override
        public long written() {
            return counts.written();
        }

        @Override
        public OptionalLong deduplicated() {
            return counts.deduplicated();
        }

        @Override
        public OptionalLong zero() {
            return counts.zero();
        }

        @Override
        public OptionalLong unused() {
            return counts.unused();
        }

        @Override
        public OptionalLong unreadable() {
            return counts.unreadable();
        }
    }

    private static final long INTERVAL_NANOS = 200_000_000;

    /** After so long, a measurement counts 1/e of the newest one. */
    private static final double MEMORY_NANOS = 5e9;

    private final JobControl control;
    private final LongSupplier nanoClock;
    private final long start;
    private long next;
    private long lastTime;
    private long lastDone;
    private boolean measures;
    private double weighted;
    private double weight;

    /** Starts the clock. */
    public ProgressMeter(JobControl control) {
        this.control = control;
        this.nanoClock = control.nanoClock();
        this.start = nanoClock.getAsLong();
        this.next = start + INTERVAL_NANOS;
        this.lastTime = start;
    }

    /** Returns how long the job has been running. */
    public Duration elapsed() {
        return Duration.ofNanos(nanoClock.getAsLong() - start);
    }

    /** Ends the job if it was cancelled, and tells the listener if its time has come. */
    public void tick(Supplier<Counts> counts) {
        control.cancellation().throwIfCancelled();
        long now = nanoClock.getAsLong();
        if (now - next >= 0) {
            next = now + INTERVAL_NANOS;
            tell(counts.get(), now);
        }
    }

    /** Tells the listener for the last time. */
    public void end(Supplier<Counts> counts) {
        tell(counts.get(), nanoClock.getAsLong());
    }

    private void tell(Counts counts, long now) {
        measure(counts.done(), now);
        control.progress().onProgress(new Snapshot(counts, Duration.ofNanos(now - start), rate()));
    }

    private void measure(long done, long now) {
        if (!measures) {
            // What a resumed job finds done was not done in this time.
            measures = true;
        } else if (now > lastTime) {
            double nanos = now - lastTime;
            double kept = Math.exp(-nanos / MEMORY_NANOS);
            weighted = weighted * kept + (1 - kept) * Math.max(0, done - lastDone) / nanos;
            weight = weight * kept + (1 - kept);
        }
        lastDone = done;
        lastTime = now;
    }

    private OptionalLong rate() {
        return weight == 0 ? OptionalLong.empty() : OptionalLong.of(Math.round(1e9 * weighted / weight));
    }
}
