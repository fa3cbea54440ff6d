package io.platter.job;

import io.platter.image.ImageInfo;
import java.time.Duration;

/**
 * What was done to copy an image.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface CopyReport {
    /** Returns what was copied, with the statistics of its capture. */
    ImageInfo image();

    /** Returns how many frames were copied: those that have a block which the target lacked. */
    long frames();

    /** Returns how many bytes of frames were read from the source; 0 if the target had all blocks. */
    long bytesRead();

    /** Returns how many bytes were written: frames, pages and what leads to them; 0 if the image was there already. */
    long bytesWritten();

    /** Returns how long it took. */
    Duration elapsed();
}
