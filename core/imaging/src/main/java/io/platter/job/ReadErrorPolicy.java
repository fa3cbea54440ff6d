package io.platter.job;

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
    /**
     * What can be read of the range is kept, and the rest is UNREADABLE in the image; see
     * {@link io.platter.block.rescue.SectorReader}. A disk that is gone as a whole ends the capture all the same.
     */
    SKIP
}
