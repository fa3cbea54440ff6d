package io.platter.block;

/**
 * What a device knows of a run of its bytes without reading them. What an image holds of a disk is told by {@link
 * io.platter.image.ImageExtentKind}.
 *
 * <p>Immutable.
 */
public enum ExtentKind {
    /** Bytes that have to be read. */
    DATA,
    /** Reads as zeros, because zeros were written. */
    ZERO,
    /** Reads as zeros, because nothing is stored there. */
    HOLE
}
