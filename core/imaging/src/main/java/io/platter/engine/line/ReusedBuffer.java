package io.platter.engine.line;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/**
 * Memory for one thing after the other. It grows to the largest of them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ReusedBuffer {
    private final IntFunction<ByteBuffer> memory;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    /** Creates an empty buffer, which will take its memory from a function of the length in bytes. */
    public ReusedBuffer(IntFunction<ByteBuffer> memory) {
        this.memory = memory;
    }

    /** Returns the memory, from 0 to at least {@code length}; what was in it is lost. */
    public ByteBuffer forLength(int length) {
        if (buffer.capacity() < length) {
            buffer = memory.apply(Math.max(length, 2 * buffer.capacity()));
        }
        return buffer.clear();
    }
}
