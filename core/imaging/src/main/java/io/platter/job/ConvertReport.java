package io.platter.job;

import io.platter.block.Extent;
import io.platter.block.UnreadableRange;
import io.platter.partition.Finding;
import java.time.Duration;
import java.util.List;

/**
 * What a conversion did.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface ConvertReport {
    /** Returns the size of the source's disk in bytes. */
    long diskSize();

    /** Returns how many bytes were read from the source's disk; of an image that went to a raw file or a disk, of its records. */
    long bytesRead();

    /** Returns how many bytes were written, compressed if they are; for a disk file, without its tables and zeros. */
    long bytesWritten();

    /** Returns how many bytes of the disk were found to be zeros, or known to be. */
    long zeroBytes();

    /** Returns how many bytes of the disk the source does not have. */
    long unusedBytes();

    /** Returns the runs that could not be read when the source, an image, was captured; zeros but in another image. */
    List<UnreadableRange> unreadable();

    /** Returns whether what was written was read back and compared. */
    boolean verified();

    /**
     * Returns where the result differs then; each run goes from the first to the last byte that differs in a piece of 2 MiB.
     */
    List<Extent> differences();

    /**
     * Returns what the user should know about the result: that its sectors are not those in which the content counts, or why
     * the backup of a GPT is not at the end of a larger disk.
     */
    List<Finding> findings();

    /** Returns how long it took. */
    Duration elapsed();
}
