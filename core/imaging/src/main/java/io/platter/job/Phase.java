package io.platter.job;

/**
 * What a job is doing. More constants may be added.
 *
 * <p>Immutable.
 */
public enum Phase {
    /** Reading, and writing what was read. */
    COPY,
    /** Reading, and checking what was read. */
    VERIFY,
    /** Making the result durable and valid. */
    FINISH
}
