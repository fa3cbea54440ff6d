package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The first 32 bytes of each record: what follows, how long it is, and its checksums.
 *
 * <pre>
 *  0  4  magic          89 50 4C 54
 *  4  1  type
 *  5  1  codec          of the payload
 *  6  2  reserved       0
 *  8  4  tableLength
 * 12  4  payloadLength  as stored
 * 16  4  plainLength    of the payload when decoded
 * 20  4  tableCrc       CRC-32C of the table
 * 24  4  payloadCrc     CRC-32C of the payload as stored
 * 28  4  headerCrc      CRC-32C of bytes 0 to 27
 * </pre>
 *
 * <p>Immutable.
 *
 * @param type the {@link RecordType}'s code; other codes are of records that this version does not know
 * @param codec how the payload is stored: {@link #STORED} or {@link #ZSTD}
 * @param tableLength the length of the table, which follows the header, in bytes
 * @param payloadLength the length of the payload as stored, which follows the table, in bytes
 * @param plainLength the length of the payload when decoded, in bytes
 * @param tableCrc the CRC-32C of the table
 * @param payloadCrc the CRC-32C of the payload as stored
 */
public record RecordHeader(
        int type, int codec, int tableLength, int payloadLength, int plainLength, int tableCrc, int payloadCrc) {
    /** The length of a header in bytes. */
    public static final int LENGTH = 32;

    /** The first four bytes of each record, and so of each file. */
    public static final int MAGIC = 0x544C_5089;

    /** The payload is stored as it is. */
    public static final int STORED = 0;

    /** The payload is one zstd frame. */
    public static final int ZSTD = 1;

    /** The longest table or payload that any record has, in bytes. */
    static final int MAX_PART = Limits.MAX_FRAME + (64 << 10);

    private static final int HEADER_CRC = 28;

    /** Returns the length of the whole record in bytes. */
    public long recordLength() {
        return (long) LENGTH + tableLength + payloadLength;
    }

    /** Tells whether the record is of a type. */
    public boolean is(RecordType expected) {
        return type == expected.code();
    }

    /** Writes the header's 32 bytes at the buffer's position. */
    public void encode(ByteBuffer target) {
        ByteBuffer bytes = target.slice().order(ByteOrder.LITTLE_ENDIAN).limit(LENGTH);
        bytes.putInt(MAGIC).put((byte) type).put((byte) codec).putShort((short) 0);
        bytes.putInt(tableLength).putInt(payloadLength).putInt(plainLength);
        bytes.putInt(tableCrc).putInt(payloadCrc);
        bytes.putInt(HEADER_CRC, crc(bytes.duplicate().flip()));
        target.position(target.position() + LENGTH);
    }

    /**
     * Reads a header and checks it.
     *
     * @throws CorruptImageException if it is not one, or its lengths are over the format's limits
     */
    public static RecordHeader decode(ByteReader in) throws CorruptImageException {
        int start = in.position();
        byte[] raw = in.readBytes(LENGTH);
        ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != MAGIC) {
            throw in.corrupt(start, String.format("record magic %08x, expected %08x", bytes.getInt(0), MAGIC));
        }
        int stored = bytes.getInt(HEADER_CRC);
        int computed = crc(ByteBuffer.wrap(raw, 0, HEADER_CRC));
        if (stored != computed) {
            throw in.corrupt(
                    start,
                    String.format("record header CRC-32C mismatch: stored %08x, computed %08x", stored, computed));
        }
        RecordHeader header = new RecordHeader(
                Byte.toUnsignedInt(bytes.get(4)),
                Byte.toUnsignedInt(bytes.get(5)),
                bytes.getInt(8),
                bytes.getInt(12),
                bytes.getInt(16),
                bytes.getInt(20),
                bytes.getInt(24));
        header.checkLengths(in, start);
        return header;
    }

    private void checkLengths(ByteReader in, int start) throws CorruptImageException {
        checkLength(in, start, "table", tableLength);
        checkLength(in, start, "payload", payloadLength);
        checkLength(in, start, "plain", plainLength);
        if (codec == STORED && payloadLength != plainLength) {
            throw in.corrupt(start, "stored payload of " + payloadLength + " bytes, but plain length " + plainLength);
        }
        if (codec != STORED && codec != ZSTD) {
            throw in.corrupt(start, "payload codec " + codec + ", expected 0 or 1");
        }
    }

    private static void checkLength(ByteReader in, int start, String what, int length) throws CorruptImageException {
        if (length < 0 || length > MAX_PART) {
            throw in.corrupt(
                    start, what + " length " + Integer.toUnsignedString(length) + ", expected at most " + MAX_PART);
        }
    }

    /** Returns the CRC-32C of the bytes from the buffer's position to its limit; the position stays. */
    public static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /**
     * Checks a record's table against the checksum in this header.
     *
     * @param table the table, from position to limit
     * @param resource the name of the file
     * @param recordOffset where the record starts
     * @throws CorruptImageException if the checksums differ
     */
    public void checkTable(ByteBuffer table, String resource, long recordOffset) throws CorruptImageException {
        checkCrc("table", tableCrc, table, resource, recordOffset);
    }

    /**
     * Checks a record's stored payload against the checksum in this header.
     *
     * @param payload the payload as stored, from position to limit
     * @param resource the name of the file
     * @param recordOffset where the record starts
     * @throws CorruptImageException if the checksums differ
     */
    public void checkPayload(ByteBuffer payload, String resource, long recordOffset) throws CorruptImageException {
        checkCrc("payload", payloadCrc, payload, resource, recordOffset);
    }

    private static void checkCrc(String what, int stored, ByteBuffer bytes, String resource, long recordOffset)
            throws CorruptImageException {
        int computed = crc(bytes);
        if (stored != computed) {
            throw new CorruptImageException(
                    resource,
                    recordOffset,
                    String.format("%s CRC-32C mismatch: stored %08x, computed %08x", what, stored, computed));
        }
    }
}
