package io.platter.engine.line;

import io.platter.job.Phase;
import io.platter.job.Progress;
import java.util.OptionalLong;

/**
 * How far a job is, in bytes, but for the time: see {@link Progress}.
 *
 * <p>Immutable.
 *
 * @param total empty if it is not known
 * @param deduplicated empty if the job does not count that
 * @param zero empty if the job does not count that
 * @param unused empty if the job does not count that
 * @param unreadable empty if the job does not count that
 */
public record Counts(
        Phase phase,
        long done,
        OptionalLong total,
        long read,
        long written,
        OptionalLong deduplicated,
        OptionalLong zero,
        OptionalLong unused,
        OptionalLong unreadable) {
    /** Returns the counts of a job that only knows what it reads and writes. */
    public static Counts of(Phase phase, long done, OptionalLong total, long read, long written) {
        OptionalLong unknown = OptionalLong.empty();
        return new Counts(phase, done, total, read, written, unknown, unknown, unknown, unknown);
    }
}
