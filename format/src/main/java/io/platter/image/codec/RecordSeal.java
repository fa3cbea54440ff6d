package io.platter.image.codec;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Makes records: puts around a table and a payload what {@link StoredRecord} takes off again, lengths, checksums and header.
 * The one place that does so, and where a cipher will be applied.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class RecordSeal {
    /** Where the table of a record starts, in bytes from the record's start. */
    public static final int TABLE_START = RecordHeader.LENGTH + StoredRecord.PREFIX_LENGTH;

    /** Less than this saving, and a payload is stored as it is: then reading it costs nothing. */
    private static final double WORTH_COMPRESSING = 0.97;

    private final CRC32C crc = new CRC32C();

    /** Creates a seal. */
    public RecordSeal() {}

    /** Tells whether a payload is worth being stored compressed. */
    public static boolean isWorthIt(int compressedLength, int plainLength) {
        return compressedLength < plainLength * WORTH_COMPRESSING;
    }

    /** Returns a record whose payload is stored as it is. Both buffers are taken from position to limit; these stay. */
    public ByteBuffer seal(RecordType type, ByteBuffer table, ByteBuffer payload) {
        return seal(type, table, payload, Codec.STORED, payload.remaining());
    }

    /** Returns a record whose payload is compressed if that is worth it. */
    public ByteBuffer seal(RecordType type, ByteBuffer table, ByteBuffer plain, int level) {
        byte[] bytes = new byte[plain.remaining()];
        plain.get(plain.position(), bytes);
        byte[] compressed = Zstd.compress(bytes, level);
        return isWorthIt(compressed.length, bytes.length)
                ? seal(type, table, ByteBuffer.wrap(compressed), Codec.ZSTD, bytes.length)
                : seal(type, table, plain);
    }

    private ByteBuffer seal(RecordType type, ByteBuffer table, ByteBuffer payload, int codec, int plainLength) {
        ByteBuffer record = ByteBuffer.allocate(TABLE_START + table.remaining() + payload.remaining());
        record.position(TABLE_START).put(table.duplicate()).put(payload.duplicate());
        seal(record, type, table.remaining(), codec, payload.remaining(), plainLength);
        return record;
    }

    /**
     * Makes a record in place, without allocating anything: from {@link #TABLE_START} on, the table and the payload stand in
     * the buffer already. Its position and limit become those of the record.
     *
     * @param codec how the payload is stored
     * @param payloadLength its length as stored, in bytes
     * @param plainLength its length when decoded, in bytes
     */
    public void seal(
            ByteBuffer record, RecordType type, int tableLength, int codec, int payloadLength, int plainLength) {
        int bodyLength = StoredRecord.PREFIX_LENGTH + tableLength + payloadLength;
        record.clear().order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(RecordHeader.LENGTH, tableLength);
        record.putInt(RecordHeader.LENGTH + 4, payloadLength);
        record.putInt(RecordHeader.LENGTH + 8, plainLength);
        record.putInt(RecordHeader.LENGTH + 12, codec);
        crc.reset();
        crc.update(record.position(RecordHeader.LENGTH).limit(RecordHeader.LENGTH + bodyLength));
        int bodyCrc = (int) crc.getValue();
        record.clear();
        new RecordHeader(type.code(), type.isAncillary(), bodyLength, bodyCrc).encode(record, 0, crc);
        record.position(0).limit(RecordHeader.LENGTH + bodyLength);
    }

    /**
     * Returns a PADDING record.
     *
     * @param length of the whole record, {@link #TABLE_START} or more, in bytes
     */
    public ByteBuffer padding(int length) {
        return seal(RecordType.PADDING, ByteBuffer.allocate(0), ByteBuffer.allocate(length - TABLE_START));
    }
}
