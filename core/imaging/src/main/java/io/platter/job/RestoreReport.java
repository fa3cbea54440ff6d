package io.platter.job;

import io.platter.block.UnreadableRange;
import io.platter.partition.Finding;
import java.time.Duration;
import java.util.List;

/**
 * What a restore did.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface RestoreReport {
    /**
     * Returns how many bytes were restored, written or not: the size of the image's disk, of the partition, or of the smaller
     * disk.
     */
    long diskSize();

    /** Returns how many bytes were read from the image file. */
    long bytesRead();

    /** Returns how many bytes of data were written to the disk; runs of zeros are not counted. */
    long bytesWritten();

    /**
     * Returns the runs that could not be read when the image was captured; the disk has there what it had before, or zeros.
     */
    List<UnreadableRange> unreadable();

    /**
     * Returns what the user should know about the disk: errors of the image's partition table, why the backup of a GPT is
     * not at the end of a disk of another size, or that the system does not see the new partitions yet.
     */
    List<Finding> findings();

    /** Returns how long it took. */
    Duration elapsed();
}
