package io.platter.block;

import java.nio.ByteBuffer;

/** Makes the memory that direct I/O wants. */
public final class AlignedBuffers {
    /** What direct I/O is aligned to, in bytes: a page, which is at least the sector of any medium in use. */
    public static final int GRID = 4096;

    private AlignedBuffers() {}

    /**
     * Returns a direct buffer that starts on the grid of {@value #GRID} bytes.
     *
     * @param length its capacity, in bytes
     */
    public static ByteBuffer allocate(int length) {
        // An aligned slice begins and ends on the grid.
        return ByteBuffer.allocateDirect(length + 2 * GRID).alignedSlice(GRID).slice(0, length);
    }
}
