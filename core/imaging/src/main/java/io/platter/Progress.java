package io.platter;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a job is.
 *
 * <p>Immutable.
 *
 * @param phase what the job is doing
 * @param done how much of {@code total} is done, in bytes
 * @param total how much there is to do, in bytes, or −1 if that is not known
 * @param read bytes that were read from the source
 * @param written bytes that were written to the target
 * @param deduplicated bytes that were not stored, since the image has them already
 * @param zero bytes that are zeros or one repeated pattern
 * @param unused bytes that the filesystem does not use
 * @param unreadable bytes that could not be read
 * @param elapsed how long the job has been running
 */
public record Progress(
        Phase phase,
        long done,
        long total,
        long read,
        long written,
        long deduplicated,
        long zero,
        long unused,
        long unreadable,
        Duration elapsed) {
    /** Returns how fast the job is on the whole, in bytes of {@code done} a second. */
    public long rate() {
        double seconds = elapsed.toNanos() / 1e9;
        return seconds <= 0 ? 0 : (long) (done / seconds);
    }

    /** Returns how long the job will take at this rate, or nothing if that can't be told. */
    public Optional<Duration> remaining() {
        long rate = rate();
        return total < 0 || rate == 0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) ((total - done) * 1000.0 / rate)));
    }
}
