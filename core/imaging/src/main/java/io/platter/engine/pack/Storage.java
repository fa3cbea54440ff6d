package io.platter.engine.pack;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where an image file's bytes go: strictly at the end, and in order.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface Storage extends Closeable {
    /** Returns the name by which messages call the file. */
    String name();

    /**
     * Writes all bytes from the buffer's position to its limit.
     *
     * @param position where they go: the end of what was written before
     */
    void write(ByteBuffer bytes, long position) throws IOException;

    /** Hands all that was written to the system, so that it outlives this program. */
    void flush() throws IOException;

    /** Waits until all that was written is on the medium. */
    void force() throws IOException;
}
