package io.platter.job;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How far a job is. All amounts are in bytes; what a job does not count, or does not know yet, is empty rather than 0.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface Progress {
    /** Returns what the job is doing. */
    Phase phase();

    /** Returns how much of {@link #total} is done. */
    long done();

    /** Returns how much there is to do; empty if that is not known, as in a capture from a pipe. */
    OptionalLong total();

    /** Returns how much was read from the source. */
    long read();

    /** Returns how much was written to the target. */
    long written();

    /** Returns how much was not stored because the image file has it already. */
    OptionalLong deduplicated();

    /** Returns how much of the disk is zeros or one repeated pattern. */
    OptionalLong zero();

    /** Returns how much of the disk no filesystem uses. */
    OptionalLong unused();

    /** Returns how much of the disk could not be read. */
    OptionalLong unreadable();

    /** Returns how long the job has been running. */
    Duration elapsed();

    /**
     * Returns how fast {@link #done} grows, in bytes a second: an average in which the last five seconds count most, so
     * that a slow start is soon forgotten. Empty until there is something to measure.
     */
    OptionalLong rate();

    /** Returns how much is done, from 0 to 1; empty if the total is not known. */
    default OptionalDouble fraction() {
        if (total().isEmpty()) {
            return OptionalDouble.empty();
        }
        long total = total().getAsLong();
        return OptionalDouble.of(total == 0 ? 1 : Math.min(1, (double) done() / total));
    }

    /** Returns how long the rest will take at the present {@link #rate}; empty if that can't be told. */
    default Optional<Duration> remaining() {
        if (total().isEmpty() || rate().isEmpty() || rate().getAsLong() == 0) {
            return Optional.empty();
        }
        double seconds = Math.max(0, total().getAsLong() - done()) / (double) rate().getAsLong();
        return seconds > Integer.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofMillis((long) (seconds * 1000)));
    }
}
