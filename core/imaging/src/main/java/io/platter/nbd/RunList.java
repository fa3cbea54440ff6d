package io.platter.nbd;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Runs of an export for an answer: neighbours with the same flags are one. */
final class RunList {
    /** The protocol's numbers of runs have 32 bits; and a run that is cut ends where a sector does. In bytes. */
    static final long MAX_LENGTH = 0xFFFF_F000L;

    private long[] lengths = new long[16];
    private int[] flags = new int[16];
    private int count;

    /** Tells whether one of {@code most} runs may come, or what there is may grow. */
    boolean accepts(int most) {
        return count <= most;
    }

    /** Adds a run; returns false if it would be one too many, and is left out. */
    boolean add(long length, int runFlags, int most) {
        if (count > 0 && flags[count - 1] == runFlags && lengths[count - 1] + length <= MAX_LENGTH) {
            lengths[count - 1] += length;
            return true;
        }
        if (count == most) {
            return false;
        }
        if (count == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * count);
            flags = Arrays.copyOf(flags, 2 * count);
        }
        lengths[count] = length;
        flags[count++] = runFlags;
        return true;
    }

    /** Returns the pairs of a length and flags, as the protocol has them. */
    ByteBuffer bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(8 * count);
        for (int i = 0; i < count; i++) {
            bytes.putInt((int) lengths[i]).putInt(flags[i]);
        }
        return bytes.flip();
    }
}
