package io.platter.nbd;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A connection that moves bytes both ways: plain, or encrypted.
 *
 * <p>One thread reads while another one writes; {@link #close} is for any thread, and ends both.
 */
interface Wire extends Closeable {
    /**
     * Fills a buffer up to its limit.
     *
     * @throws EOFException if the connection ends before
     */
    void read(ByteBuffer target) throws IOException;

    /** Writes all that is left in buffers, in their order. */
    void write(ByteBuffer... sources) throws IOException;

    /** Returns the next bytes, from 0 to the limit. */
    default ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        read(bytes);
        return bytes.flip();
    }

    /** Passes over bytes. */
    default void skip(long length) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocate((int) Math.min(length, 64 << 10));
        for (long left = length; left > 0; left -= scratch.limit()) {
            read(scratch.clear().limit((int) Math.min(left, scratch.capacity())));
        }
    }

    /** Returns the text of the next bytes of a buffer. */
    static String text(ByteBuffer bytes, int length) {
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
