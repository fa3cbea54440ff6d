package io.platter;

/**
 * What a job is doing.
 *
 * <p>Immutable.
 */
public enum Phase {
    /** Checking that what was begun can be gone on with. */
    CHECK,
    /** Reading, and writing what was read. */
    COPY,
    /** Reading, and judging what was read. */
    VERIFY,
    /** Making the result durable and valid. */
    FINISH
}
