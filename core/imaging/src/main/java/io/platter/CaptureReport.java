package io.platter;

import io.platter.block.Extent;
import io.platter.image.ImageInfo;
import io.platter.image.PropertyKeys;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a capture did.
 *
 * <p>Immutable.
 *
 * @param image what was written
 * @param bytesRead bytes that were read from the disk; in a resumed capture, since it was resumed
 * @param bytesWritten the length of the image file, in bytes
 * @param unreadable the runs that could not be read; in a resumed capture, since it was resumed
 * @param skippedBytes how many bytes of {@code unreadable} were skipped as part of a bad area, and never tried by
 *     themselves; see {@link io.platter.block.SectorReader}
 * @param sourceCheck what was compared to see whether the source has changed, in words
 * @param sourceChange how the source has changed since the capture was begun, so that the image may be a mixture; empty
 *     if no change was seen. The image has it as {@link PropertyKeys#SOURCE_CHANGED}
 * @param inFullBecause why all of the disk was captured though only what is used was wanted, in words; empty if that was
 *     not so
 * @param elapsed how long it took
 */
public record CaptureReport(
        ImageInfo image,
        long bytesRead,
        long bytesWritten,
        List<Extent> unreadable,
        long skippedBytes,
        String sourceCheck,
        String sourceChange,
        Optional<String> inFullBecause,
        Duration elapsed) {
    /** Copies the list. */
    public CaptureReport {
        unreadable = List.copyOf(unreadable);
    }
}
