package io.platter.bytes;

import java.nio.ByteBuffer;

/** Zeros, found and written at the speed of memory. */
public final class Zeros {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer();

    private Zeros() {}

    /** Tells whether all bytes from a buffer's position to its limit are zeros: its start is, and it equals itself moved by that. */
    public static boolean isZero(ByteBuffer bytes) {
        int start = bytes.position();
        int head = Math.min(bytes.remaining(), ZEROS.capacity());
        int rest = bytes.remaining() - head;
        return bytes.slice(start, head).mismatch(ZEROS.slice(0, head)) < 0
                && (rest == 0 || bytes.slice(start, rest).mismatch(bytes.slice(start + head, rest)) < 0);
    }

    /** Puts zeros at a buffer's position. */
    public static void put(ByteBuffer target, int length) {
        for (int left = length; left > 0; ) {
            int count = Math.min(left, ZEROS.capacity());
            target.put(target.position(), ZEROS, 0, count);
            target.position(target.position() + count);
            left -= count;
        }
    }
}
