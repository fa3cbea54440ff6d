package io.platter.engine.line;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Direct memory for records that are on their way to workers, used again and again.
 *
 * <p>Safe for use by several threads.
 */
public final class BufferPool {
    private final ArrayBlockingQueue<ByteBuffer> free;

    /**
     * Creates a pool without a buffer.
     *
     * @param most how many buffers it keeps
     */
    public BufferPool(int most) {
        this.free = new ArrayBlockingQueue<>(most);
    }

    /** Returns a buffer with room for so many bytes. */
    public ByteBuffer take(int length) {
        ByteBuffer found = free.poll();
        if (found != null && found.capacity() >= length) {
            return found;
        }
        return ByteBuffer.allocateDirect(found == null ? length : Math.max(length, 2 * found.capacity()));
    }

    /** Takes a buffer back that nobody reads any more. */
    public void giveBack(ByteBuffer buffer) {
        free.offer(buffer);
    }
}
