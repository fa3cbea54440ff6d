package io.platter.job;

import io.platter.image.FileEnd;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a verification saw; there is a report only if nothing was wrong.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface VerifyReport {
    /** Returns how many complete images the file has. */
    int images();

    /** Returns how many records were read. */
    long records();

    /** Returns how many blocks' hashes were checked; empty in a quick verification, which checks none. */
    OptionalLong blocks();

    /** Returns how many bytes were read from the file. */
    long bytesRead();

    /**
     * Returns how many bytes follow the last commit and do not count: an image was being written when that was interrupted,
     * or the file was cut off.
     */
    long tornBytes();

    /**
     * Returns how the file ends. What was checked is sound in any case; an end that is not {@link FileEnd.State#CLEAN} says that images
     * may have been there which are not now, as in a file that was copied in part.
     */
    FileEnd end();

    /** Returns how long it took. */
    Duration elapsed();
}
