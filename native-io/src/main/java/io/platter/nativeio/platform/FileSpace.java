package io.platter.nativeio.platform;

import java.io.Closeable;
import java.io.IOException;

/**
 * What the operating system knows of the room that an open regular file takes.
 *
 * <p>Safe for use by several threads.
 */
public interface FileSpace extends Closeable {
    /** A run of a file. */
    record Run(long end, boolean isHole) {}

    /**
     * Returns what is at an offset, and the first offset after it, or an end of {@link Long#MAX_VALUE} if nothing
     * else follows.
     *
     * @param offset in bytes, inside the file
     */
    Run runAt(long offset) throws IOException;

    /**
     * Gives back the room of a range, which then reads as zeros.
     *
     * @return whether that was done; if not, the filesystem has no way to do it
     */
    boolean punch(long offset, long length) throws IOException;
}
