package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The first 32 bytes of each record: what follows, how long it is, and its checksum.
 *
 * <pre>
 *  0  4  magic       89 50 4C 54
 *  4  1  type
 *  5  1  flags       1: ancillary
 *  6  1  cipher      0: none
 *  7  1  reserved    0
 *  8  4  bodyLength
 * 12  4  bodyCrc     CRC-32C of the body
 * 16 12  reserved    0; for a cipher's nonce
 * 28  4  headerCrc   CRC-32C of bytes 0 to 27
 * </pre>
 *
 * <p>Immutable.
 *
 * @param type the {@link RecordType}'s code; other codes are of records that this version does not know
 * @param ancillary whether a reader that does not know the type may pass over the record
 * @param bodyLength the length of the body, which follows the header, in bytes
 * @param bodyCrc the CRC-32C of the body
 */
public record RecordHeader(int type, boolean ancillary, int bodyLength, int bodyCrc) {
    /** The length of a header in bytes. */
    public static final int LENGTH = 32;

    /** The first four bytes of each record, and so of each file. */
    public static final int MAGIC = 0x544C_5089;

    private static final int ANCILLARY = 1;
    private static final int HEADER_CRC = 28;

    /** Returns the length of the whole record in bytes. */
    public int recordLength() {
        return LENGTH + bodyLength;
    }

    /** Tells whether the record is of a type. */
    public boolean is(RecordType expected) {
        return type == expected.code();
    }

    /** Writes the header's 32 bytes from {@code index} on. */
    void encode(ByteBuffer target, int index, CRC32C crc) {
        target.order(ByteOrder.LITTLE_ENDIAN);
        target.putInt(index, MAGIC);
        target.putInt(index + 4, type | (ancillary ? ANCILLARY << 8 : 0));
        target.putInt(index + 8, bodyLength);
        target.putInt(index + 12, bodyCrc);
        target.putLong(index + 16, 0);
        target.putInt(index + 24, 0);
        crc.reset();
        crc.update(target.limit(index + HEADER_CRC).position(index));
        target.limit(target.capacity());
        target.putInt(index + HEADER_CRC, (int) crc.getValue());
    }

    /**
     * Reads a header and checks it.
     *
     * @throws CorruptImageException if it is not one, or its length is over the format's limit
     * @throws UnsupportedImageException if the record is of a type that this version lacks
     */
    public static RecordHeader decode(ByteReader in) throws CorruptImageException, UnsupportedImageException {
        int start = in.position();
        long offset = in.offset();
        ByteBuffer bytes = ByteBuffer.wrap(in.readBytes(LENGTH)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != MAGIC) {
            throw in.corrupt(start, String.format("record magic %08x, expected %08x", bytes.getInt(0), MAGIC));
        }
        int stored = bytes.getInt(HEADER_CRC);
        int computed = crc(bytes.duplicate().limit(HEADER_CRC));
        if (stored != computed) {
            throw in.corrupt(
                    start,
                    String.format("record header CRC-32C mismatch: stored %08x, computed %08x", stored, computed));
        }
        if (bytes.get(6) != 0) {
            throw in.corrupt(start, "cipher " + Byte.toUnsignedInt(bytes.get(6)) + ", expected 0");
        }
        int flags = bytes.get(5);
        if ((flags & ~ANCILLARY) != 0 || bytes.get(7) != 0 || bytes.getLong(16) != 0 || bytes.getInt(24) != 0) {
            throw in.corrupt(start, "record header with reserved bits that are not 0");
        }
        RecordHeader header =
                new RecordHeader(Byte.toUnsignedInt(bytes.get(4)), flags != 0, bytes.getInt(8), bytes.getInt(12));
        if (header.bodyLength < StoredRecord.PREFIX_LENGTH || header.bodyLength > Limits.MAX_BODY) {
            throw in.corrupt(
                    start,
                    "record body of " + Integer.toUnsignedString(header.bodyLength) + " bytes, expected "
                            + StoredRecord.PREFIX_LENGTH + " to " + Limits.MAX_BODY);
        }
        RecordType.check(header, in.resource(), offset);
        return header;
    }

    /** Returns the CRC-32C of the bytes from the buffer's position to its limit; the position stays. */
    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
