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
 * @param moreImages whether the channel holds another image after the one that was restored
 * @param end how the channel ended, after the image that was restored; clean if it was not restored from a channel
 * @param elapsed how long it took
 */
public record RestoreReport(
        long diskSize,
        long bytesRead,
        long bytesWritten,
        List<Extent> unreadable,
        boolean moreImages,
        FileEnd end,
        Duration elapsed) {
    /** Copies the list. */
    public RestoreReport {
        unreadable = List.copyOf(unreadable);
    }

    /** Creates the report of a restore from a file. */
    RestoreReport(long diskSize, long bytesRead, long bytesWritten, List<Extent> unreadable, Duration elapsed) {
        this(
                diskSize,
                bytesRead,
                bytesWritten,
                unreadable,
                false,
                new FileEnd(FileEnd.State.CLEAN, bytesRead, 0, "not restored from a channel"),
                elapsed);
    }
}
