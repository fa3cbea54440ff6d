package io.platter.virtualdisk;

import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Compresses and decompresses one grain at a time: deflate in the wrapping of RFC 1950. Without state: safe for use by
 * several threads.
 */
final class VmdkCompression {
    private VmdkCompression() {}

    /**
     * Compresses a grain.
     *
     * @param level 1 to 9, and what is larger means 9; 0 for the usual one
     * @param target takes the result; at least {@link #bound} bytes
     * @return how many bytes of {@code target} are the result; they may be more than the grain has
     */
    static int compress(int level, byte[] grain, byte[] target) {
        Deflater deflater = new Deflater(level == 0 ? Deflater.DEFAULT_COMPRESSION : Math.min(level, 9));
        try {
            deflater.setInput(grain);
            deflater.finish();
            int length = deflater.deflate(target);
            if (!deflater.finished()) {
                throw new IllegalArgumentException(
                        target.length + " bytes for a compressed grain, expected at least " + bound(grain.length));
            }
            return length;
        } finally {
            deflater.end();
        }
    }

    /** Returns how many bytes a compressed grain can have at worst: what deflate adds is far below an eighth. */
    static int bound(int grainSize) {
        return grainSize + grainSize / 8 + 64;
    }

    /**
     * Fills a grain from compressed bytes.
     *
     * @param length how many bytes of {@code compressed} count
     * @return how many bytes of the grain were in them; −1 if they are damaged, cut off, or more than a grain
     */
    static int decompress(byte[] compressed, int length, byte[] grain) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(compressed, 0, length);
            int filled = 0;
            while (filled < grain.length && !inflater.finished()) {
                int count = inflater.inflate(grain, filled, grain.length - filled);
                if (count == 0 && !inflater.finished()) {
                    return -1;
                }
                filled += count;
            }
            // The checksum that follows the last byte is only looked at when more is asked for.
            boolean whole = inflater.finished() || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
            return whole ? filled : -1;
        } catch (DataFormatException e) {
            return -1;
        } finally {
            inflater.end();
        }
    }
}
