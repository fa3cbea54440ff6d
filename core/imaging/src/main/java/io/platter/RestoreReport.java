package io.platter;

import io.platter.block.Extent;
import io.platter.image.FileEnd;
import io.platter.partition.Finding;
import java.time.Duration;
import java.util.List;

/**
 * What a restore did.
 *
 * <p>Immutable.
 *
 * @param diskSize how many bytes were restored, written or not: the size of the image's disk, of the partition, or of the
 *     smaller disk
 * @param bytesRead bytes that were read from the image file
 * @param bytesWritten bytes of data that were written to the disk; runs of zeros are not counted
 * @param unreadable the runs that could not be read when the image was captured; the disk has there what it had before,
 *     or zeros
 * @param moreImages whether the channel holds another image after the one that was restored
 * @param end how the channel ended, after the image that was restored; clean if it was not restored from a channel
 * @param findings what the user should know of the disk: errors of the image's partition table, and why the backup of a
 *     GPT is not at the end of a disk of another size
 * @param elapsed how long it took
 */
public record RestoreReport(
        long diskSize,
        long bytesRead,
        long bytesWritten,
        List<Extent> unreadable,
        boolean moreImages,
        FileEnd end,
        List<Finding> findings,
        Duration elapsed) {
    /** Copies the lists. */
    public RestoreReport {
        findings = List.copyOf(findings);
        unreadable = List.copyOf(unreadable);
    }

    /** Creates the report of a restore from a file. */
    RestoreReport(
            long diskSize,
            long bytesRead,
            long bytesWritten,
            List<Extent> unreadable,
            List<Finding> findings,
            Duration elapsed) {
        this(
                diskSize,
                bytesRead,
                bytesWritten,
                unreadable,
                false,
                new FileEnd(FileEnd.State.CLEAN, bytesRead, 0, "not restored from a channel"),
                findings,
                elapsed);
    }
}
