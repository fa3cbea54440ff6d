package io.platter;

import io.platter.block.Extent;
import java.time.Duration;
import java.util.List;

/**
 * What a restore did.
 *
 * <p>Immutable.
 *
 * @param diskSize the size of the image's disk, in bytes
 * @param bytesRead bytes that were read from the image file
 * @param bytesWritten bytes of data that were written to the disk; runs of zeros are not counted
 * @param unreadable the runs that could not be read when the image was captured; the disk has there what it had before
 * @param moreImages whether the channel holds another image behind the one that was restored
 * @param elapsed how long it took
 */
public record RestoreReport(
        long diskSize,
        long bytesRead,
        long bytesWritten,
        List<Extent> unreadable,
        boolean moreImages,
        Duration elapsed) {
    /** Copies the list. */
    public RestoreReport {
        unreadable = List.copyOf(unreadable);
    }
}
