package io.platter.virtualdisk.vmdk;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses one grain at a time: deflate in the wrapping of RFC 1950. Without state: safe for use by several threads.
 */
final class GrainCompression {
    private GrainCompression() {}

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
