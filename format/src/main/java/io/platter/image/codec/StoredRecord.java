package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A record as it stands in a file: opened, with its checksum checked, its payload not decoded yet. {@link RecordSeal} is its
 * other direction. After the header, a record's body starts so:
 *
 * <pre>
 *  0  4  tableLength
 *  4  4  payloadLength  as stored
 *  8  4  plainLength    of the payload when decoded
 * 12  1  codec          of the payload
 * 13  3  reserved       0
 * 16     table, then payload
 * </pre>
 *
 * <p>Immutable, as long as the bytes are; they may be a view of a buffer of the caller.
 *
 * @param resource the name of the file
 * @param location where the record is
 * @param header its header
 * @param codec how its payload is stored
 * @param plainLength the length of its payload when decoded, in bytes
 * @param table its table
 * @param payload its payload as stored
 */
public record StoredRecord(
        String resource,
        RecordLocation location,
        RecordHeader header,
        int codec,
        int plainLength,
        ByteBuffer table,
        ByteBuffer payload) {
    /** The length of what precedes the table in a body, in bytes. */
    public static final int PREFIX_LENGTH = 16;

    /**
     * Opens a record.
     *
     * @param resource the name of the file
     * @param location where the record is
     * @param header its header, which was checked
     * @param body its body, from position to limit: as long as the header says
     * @throws CorruptImageException if its checksum is wrong, or its lengths contradict each other
     */
    public static StoredRecord open(String resource, RecordLocation location, RecordHeader header, ByteBuffer body)
            throws CorruptImageException {
        long offset = location.packOffset();
        int computed = RecordHeader.crc(body);
        if (computed != header.bodyCrc()) {
            throw new CorruptImageException(
                    resource,
                    offset,
                    String.format(
                            "record body CRC-32C mismatch: stored %08x, computed %08x", header.bodyCrc(), computed));
        }
        ByteBuffer bytes = body.slice().order(ByteOrder.LITTLE_ENDIAN);
        int room = bytes.capacity() - PREFIX_LENGTH;
        int tableLength = bytes.getInt(0);
        int payloadLength = bytes.getInt(4);
        int plainLength = bytes.getInt(8);
        int codec = Byte.toUnsignedInt(bytes.get(12));
        if (tableLength < 0 || tableLength > room || payloadLength != room - tableLength) {
            throw new CorruptImageException(
                    resource,
                    offset,
                    "table of " + Integer.toUnsignedString(tableLength) + " and payload of "
                            + Integer.toUnsignedString(payloadLength) + " bytes, expected " + room + " together");
        }
        if (codec != Codec.STORED && codec != Codec.ZSTD) {
            throw new CorruptImageException(resource, offset, "payload codec " + codec + ", expected 0 or 1");
        }
        boolean rightLength = codec == Codec.STORED ? plainLength == payloadLength : plainLength >= 0;
        if (!rightLength || plainLength > Limits.MAX_FRAME) {
            throw new CorruptImageException(
                    resource,
                    offset,
                    "payload of " + payloadLength + " bytes stored by codec " + codec + " for "
                            + Integer.toUnsignedString(plainLength) + " plain ones, expected at most "
                            + Limits.MAX_FRAME);
        }
        if (bytes.get(13) != 0 || bytes.get(14) != 0 || bytes.get(15) != 0) {
            throw new CorruptImageException(resource, offset, "record body with reserved bytes that are not 0");
        }
        return new StoredRecord(
                resource,
                location,
                header,
                codec,
                plainLength,
                bytes.slice(PREFIX_LENGTH, tableLength).order(ByteOrder.LITTLE_ENDIAN),
                bytes.slice(PREFIX_LENGTH + tableLength, payloadLength));
    }

    /** Returns a reader of the table. */
    public ByteReader tableReader() {
        return ByteReader.of(
                table, ByteOrder.LITTLE_ENDIAN, resource, location.packOffset() + RecordHeader.LENGTH + PREFIX_LENGTH);
    }

    /**
     * Decodes the payload.
     *
     * @param limit the most plain bytes that such a payload can have
     * @throws CorruptImageException if it is damaged or over the limit
     */
    public ByteBuffer decodedPayload(int limit) throws CorruptImageException {
        if (plainLength > limit) {
            throw corrupt("payload of " + plainLength + " plain bytes, expected at most " + limit);
        }
        ByteBuffer plain = ByteBuffer.allocate(plainLength).order(ByteOrder.LITTLE_ENDIAN);
        if (codec == Codec.STORED) {
            return plain.put(payload.duplicate()).flip();
        }
        try (Payloads payloads = new Payloads()) {
            payloads.decode(this, plain);
        }
        return plain.flip();
    }

    /**
     * Checks that the record has no table, or no payload.
     *
     * @throws CorruptImageException if it has one
     */
    static void checkEmpty(ByteBuffer part, String what, StoredRecord record) throws CorruptImageException {
        if (part.hasRemaining()) {
            throw record.corrupt(what + " of " + part.remaining() + " bytes in a record of type " + record.header.type()
                    + ", expected none");
        }
    }

    /**
     * Checks that the record has no table.
     *
     * @throws CorruptImageException if it has one
     */
    public StoredRecord withoutTable() throws CorruptImageException {
        checkEmpty(table, "table", this);
        return this;
    }

    /** Returns the exception for a contradiction in the record. */
    public CorruptImageException corrupt(String detail) {
        return new CorruptImageException(resource, location.packOffset(), detail);
    }
}
