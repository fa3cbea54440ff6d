package io.platter;

import io.platter.block.Extent;
import io.platter.partition.Finding;
import java.time.Duration;
import java.util.List;

/**
 * What a conversion did.
 *
 * <p>Immutable.
 *
 * @param diskSize the size of the source's disk, in bytes
 * @param bytesRead bytes that were read from the source's disk
 * @param bytesWritten bytes that were written, compressed if they are; of a disk file without its tables and zeros
 * @param zeroBytes bytes of the disk that were found to be zeros, or known to be
 * @param unusedBytes bytes of the disk that the source does not have
 * @param unreadable the runs that could not be read when the source, an image, was captured; zeros but in another image
 * @param verified whether what was written was read back and compared
 * @param differences where it differs then; each run goes from the first to the last byte that differs in a piece of
 *     2 MiB
 * @param findings what the user should know of the result: that its sectors are not those in which the content counts,
 *     or why the backup of a GPT is not at the end of a larger disk
 * @param elapsed how long it took
 */
public record ConvertReport(
        long diskSize,
        long bytesRead,
        long bytesWritten,
        long zeroBytes,
        long unusedBytes,
        List<Extent> unreadable,
        boolean verified,
        List<Extent> differences,
        List<Finding> findings,
        Duration elapsed) {
    /** Copies the lists. */
    public ConvertReport {
        unreadable = List.copyOf(unreadable);
        differences = List.copyOf(differences);
        findings = List.copyOf(findings);
    }
}
