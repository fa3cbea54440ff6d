package io.platter.testkit;

import io.platter.block.AlignedBuffers;
import io.platter.block.BlockDevice;
import java.nio.ByteBuffer;
import java.util.List;

/** What a device is asked with: buffers of all sorts, and places that it does not have. */
final class Buffers {
    private Buffers() {}

    /** Returns buffers with this many bytes between position and limit: on the heap, direct, aligned, in the middle. */
    static List<ByteBuffer> ofAllSorts(int length) {
        return List.of(
                ByteBuffer.allocate(length),
                ByteBuffer.allocate(length + 9).position(2).limit(length + 2),
                ByteBuffer.allocateDirect(length),
                AlignedBuffers.allocate(length),
                ByteBuffer.allocateDirect(length + 9).position(3).limit(length + 3));
    }

    /** Returns offsets at which a device has no byte. */
    static long[] outside(BlockDevice device) {
        return new long[] {-1, device.size(), device.size() + 1, Long.MAX_VALUE, Long.MIN_VALUE};
    }
}
