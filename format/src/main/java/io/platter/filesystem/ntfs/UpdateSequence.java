package io.platter.filesystem.ntfs;

import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * NTFS's guard against writes that were cut off: the last two bytes of each 512 are the same number, and what belongs
 * there stands in an array. Source: libfsntfs documentation, "The fix-up values".
 */
final class UpdateSequence {
    private static final int STRIDE = 512;

    private UpdateSequence() {}

    /**
     * Puts the bytes back where they belong.
     *
     * @param record a whole structure that starts with a signature, changed in place
     * @param resource the name of the volume, for the message
     * @param where a place for the message, in bytes
     * @throws CorruptImageException if a part of the structure was not written, or the array can't be right
     */
    static void restore(byte[] record, String resource, long where) throws CorruptImageException {
        ByteBuffer bytes = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        int array = bytes.getChar(4);
        int count = bytes.getChar(6);
        if (record.length % STRIDE != 0 || count <= record.length / STRIDE || array + 2 * count > record.length) {
            throw new CorruptImageException(
                    resource, where, "update sequence array of " + count + " at " + array + " in " + record.length);
        }
        char number = bytes.getChar(array);
        for (int i = 1; i <= record.length / STRIDE; i++) {
            int last = i * STRIDE - 2;
            if (bytes.getChar(last) != number) {
                throw new CorruptImageException(
                        resource,
                        where + last,
                        "update sequence number " + Integer.toHexString(bytes.getChar(last)) + ", expected "
                                + Integer.toHexString(number));
            }
            bytes.putChar(last, bytes.getChar(array + 2 * i));
        }
    }
}
