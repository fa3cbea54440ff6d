package io.platter;

import io.platter.block.Extent;
import java.time.Duration;
import java.util.List;

/**
 * What a capture did.
 *
 * <p>Immutable.
 *
 * @param image what was written
 * @param bytesRead bytes that were read from the disk; in a resumed capture, since it was resumed
 * @param bytesWritten the length of the image file, in bytes
 * @param unreadable the runs that could not be read
 * @param elapsed how long it took
 */
public record CaptureReport(
        ImageInfo image, long bytesRead, long bytesWritten, List<Extent> unreadable, Duration elapsed) {
    /** Copies the list. */
    public CaptureReport {
        unreadable = List.copyOf(unreadable);
    }
}
