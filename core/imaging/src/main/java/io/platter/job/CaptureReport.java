package io.platter.job;

import io.platter.block.UnreadableRange;
import io.platter.image.ImageInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a capture did.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface CaptureReport {
    /** Returns what was written. */
    ImageInfo image();

    /** Returns how many bytes were read from the source; in a resumed capture, since it was resumed. */
    long bytesRead();

    /** Returns the length of the image file in bytes. */
    long fileSize();

    /** Returns the runs that could not be read; in a resumed capture, since it was resumed. */
    List<UnreadableRange> unreadable();

    /**
     * Returns how many bytes of {@link #unreadable} were skipped as part of a bad area and never tried by themselves; see
     * {@link io.platter.block.rescue.SectorReader}.
     */
    long skippedBytes();

    /** Returns what was compared to see whether the source has changed, in words. */
    String sourceCheck();

    /**
     * Returns how the source has changed since the capture was begun, in words, so that the image may be a mixture; empty if
     * no change was seen. The image has it as {@link io.platter.image.PropertyKeys#SOURCE_CHANGED}.
     */
    Optional<String> sourceChange();

    /** Returns why the whole disk was captured although only what is used was wanted, in words; empty if that was not so. */
    Optional<String> inFullBecause();

    /** Returns how long it took. */
    Duration elapsed();
}
