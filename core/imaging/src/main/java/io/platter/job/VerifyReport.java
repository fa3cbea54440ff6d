package io.platter.job;

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

    /** Returns how long it took. */
    Duration elapsed();
}
