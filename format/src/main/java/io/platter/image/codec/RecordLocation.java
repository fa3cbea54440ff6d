package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;

/**
 * Where a record is: the one key of caches, plans and indexes. As bytes: packOffset (8), length (4), pack (4).
 *
 * <p>Immutable.
 *
 * @param pack the number of the pack: 0 for the pack in which the location stands, or in a file that names others, see {@link Packs}
 * @param packOffset where the record starts, in bytes
 * @param length the length of the whole record, in bytes
 */
public record RecordLocation(int pack, long packOffset, int length) implements Comparable<RecordLocation> {
    /** The length of a location in bytes. */
    public static final int LENGTH = 16;

    private static final int[] ITSELF = {0};

    /** No record. */
    public static final RecordLocation NONE = new RecordLocation(0, 0, 0);

    /** Returns a location in the pack in which it stands. */
    public static RecordLocation of(long packOffset, int length) {
        return new RecordLocation(0, packOffset, length);
    }

    /** Tells whether there is a record. */
    public boolean isPresent() {
        return packOffset != 0;
    }

    /** Returns the first offset after the record. */
    public long end() {
        return packOffset + length;
    }

    /** Writes the location at the buffer's position. */
    public void encode(ByteBuffer target) {
        target.putLong(packOffset).putInt(length).putInt(pack);
    }

    /**
     * Reads a location.
     *
     * @param before where the record starts in which it stands
     * @throws CorruptImageException if it is none, of another pack, or not before that record
     */
    static RecordLocation decode(ByteReader in, long before) throws CorruptImageException {
        return decode(in, before, ITSELF);
    }

    /**
     * Reads a location.
     *
     * @param before where the record starts in which it stands
     * @param packs the numbers of the packs that it may name; the first is the record's own
     * @throws CorruptImageException if it is none, of another pack, or not before that record
     */
    static RecordLocation decode(ByteReader in, long before, int[] packs) throws CorruptImageException {
        int start = in.position();
        long packOffset = in.readU63("record offset");
        int length = in.readI32();
        int pack = in.readI32();
        if (pack < 0 || pack >= packs.length) {
            throw in.corrupt(
                    start,
                    "record in pack " + Integer.toUnsignedString(pack) + ", expected "
                            + (packs.length == 1 ? "0" : "at most " + (packs.length - 1)));
        }
        if (length < 0 || (packOffset == 0) != (length == 0) || packOffset + length < 0) {
            throw in.corrupt(start, "record of " + Integer.toUnsignedString(length) + " bytes at " + packOffset);
        }
        if (pack == 0 && packOffset + length > before) {
            throw in.corrupt(
                    start, "record of " + length + " bytes at " + packOffset + ", expected one before " + before);
        }
        return new RecordLocation(packs[pack], packOffset, length);
    }

    /** Reads the location of a record that must be there. */
    static RecordLocation decodePresent(ByteReader in, long before, String what) throws CorruptImageException {
        return present(decode(in, before), in, what);
    }

    /** Checks that a location, which was read last, is that of a record. */
    static RecordLocation present(RecordLocation location, ByteReader in, String what) throws CorruptImageException {
        if (!location.isPresent()) {
            throw in.corrupt(in.position() - LENGTH, what + " without a place");
        }
        return location;
    }

    /** Orders by packs, then by the order in the pack. */
    @Override
    public int compareTo(RecordLocation other) {
        return pack != other.pack
                ? Integer.compareUnsigned(pack, other.pack)
                : Long.compare(packOffset, other.packOffset);
    }
}
