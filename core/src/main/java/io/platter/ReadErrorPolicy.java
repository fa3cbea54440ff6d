package io.platter;

/**
 * What a capture does when the disk can't be read.
 *
 * <p>Immutable.
 */
public enum ReadErrorPolicy {
    /** The capture ends; it can be resumed. */
    ABORT,
    /** The range is read again a few times; then the capture ends. */
    RETRY,
    /** The range is narrowed to the sectors that can't be read after a few tries; these are UNREADABLE in the image. */
    SKIP
}
