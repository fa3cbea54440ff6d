package io.platter.image;

/**
 * How many bytes of each kind an image has; for information.
 *
 * <p>Immutable.
 *
 * @param dataBytes bytes of DATA extents
 * @param zeroBytes bytes of ZERO and FILL extents
 * @param unusedBytes bytes of UNUSED extents
 * @param unreadableBytes bytes of UNREADABLE extents
 * @param newBytes bytes of the blocks that were not in the file before this image
 */
public record ImageStatistics(long dataBytes, long zeroBytes, long unusedBytes, long unreadableBytes, long newBytes) {
    /** Nothing yet. */
    public static final ImageStatistics NONE = new ImageStatistics(0, 0, 0, 0, 0);
}
