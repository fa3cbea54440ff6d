package io.platter.engine.write;

import java.nio.ByteBuffer;

/** Recognises runs of one repeated pattern. */
final class Patterns {
    private Patterns() {}

    /**
     * Tells whether bytes are zeros, or eight bytes that repeat and start at a disk offset that is a multiple of 8.
     *
     * @param bytes little-endian
     */
    static boolean isUniform(ByteBuffer bytes, int start, int length, long diskOffset) {
        int words = length & -8;
        if (words == 0) {
            return isZero(bytes, start, length);
        }
        long first = bytes.getLong(start);
        if (first != 0 && ((diskOffset & 7) != 0 || words != length)) {
            return false;
        }
        for (int i = 8; i < words; i += 8) {
            if (bytes.getLong(start + i) != first) {
                return false;
            }
        }
        return isZero(bytes, start + words, length - words);
    }

    private static boolean isZero(ByteBuffer bytes, int start, int length) {
        for (int i = start; i < start + length; i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns the pattern of bytes that {@link #isUniform}. */
    static long patternAt(ByteBuffer bytes, int start, int length) {
        return length < 8 ? 0 : bytes.getLong(start);
    }
}
