package io.platter.virtualdisk.vmdk;

import io.platter.virtualdisk.BlockEncoder;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/** Compresses VMDK grains: deflate in the wrapping of RFC 1950. Not thread-safe: one thread at a time. */
final class GrainEncoder implements BlockEncoder {
    private final int maxEncodedLength;
    private final Deflater deflater;

    /**
     * Creates an encoder.
     *
     * @param level 1 to 9, and what is larger means 9; 0 for the usual one
     */
    GrainEncoder(int level, int grainSize) {
        // What deflate adds at worst is far below an eighth.
        this.maxEncodedLength = grainSize + grainSize / 8 + 64;
        this.deflater = new Deflater(level == 0 ? Deflater.DEFAULT_COMPRESSION : Math.min(level, 9));
    }

    @Override
    public int maxEncodedLength() {
        return maxEncodedLength;
    }

    /** Encodes every grain, also one that becomes longer: grains that are stored as they are can't be told apart. */
    @Override
    public boolean encode(ByteBuffer block, ByteBuffer target) {
        deflater.reset();
        deflater.setInput(block);
        deflater.finish();
        deflater.deflate(target);
        if (!deflater.finished()) {
            throw new IllegalArgumentException(
                    "no room for a compressed grain, expected " + maxEncodedLength + " bytes");
        }
        return true;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
