package io.platter.job;

import io.platter.image.FileEnd;

/**
 * What a restore from a stream did.
 *
 * <p>Only this library implements it: methods will be added. Immutable.
 */
public interface StreamRestoreReport extends RestoreReport {
    /** Returns whether the stream holds another image after the one that was restored. */
    boolean moreImages();

    /** Returns how the stream ended, after the image that was restored. */
    FileEnd end();
}
