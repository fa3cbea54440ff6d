package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;

/**
 * Where a record is: 16 bytes, of which the last four name the pack. In a file the pack is 0, the file itself.
 *
 * <p>Immutable.
 *
 * @param imageOffset where the record starts, in bytes
 * @param length the length of the whole record, in bytes
 */
public record RecordLocation(long imageOffset, int length) {
    /** The length of a location in bytes. */
    public static final int LENGTH = 16;

    /** No record. */
    public static final RecordLocation NONE = new RecordLocation(0, 0);

    /** Tells whether there is a record. */
    public boolean isPresent() {
        return imageOffset != 0;
    }

    /** Writes the location at the buffer's position. */
    public void encode(ByteBuffer target) {
        target.putLong(imageOffset).putInt(length).putInt(0);
    }

    /** Reads a location. */
    public static RecordLocation decode(ByteReader in) throws CorruptImageException {
        int start = in.position();
        long imageOffset = in.readU63("record offset");
        int length = in.readI32();
        long pack = in.readU32();
        if (pack != 0) {
            throw in.corrupt(start, "record in pack " + pack + ", expected 0");
        }
        if (length < 0 || (imageOffset == 0) != (length == 0)) {
            throw in.corrupt(start, "record of " + Integer.toUnsignedString(length) + " bytes at " + imageOffset);
        }
        return new RecordLocation(imageOffset, length);
    }
}
