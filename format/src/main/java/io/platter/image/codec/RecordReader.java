package io.platter.image.codec;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads records by their place, and checks their checksums.
 *
 * <p>Safe for use by several threads.
 */
public final class RecordReader {
    private final Packs packs;

    /** Creates a reader of packs. */
    public RecordReader(Packs packs) {
        this.packs = packs;
    }

    /** Returns the packs. */
    public Packs packs() {
        return packs;
    }

    /** Returns the name of a pack. */
    public String resource(RecordLocation location) throws IOException {
        return packs.pack(location.pack()).name();
    }

    /**
     * Reads the header of a record of the pack in which the reader's locations stand.
     *
     * @throws CorruptImageException if there is none, or the record does not fit into the pack
     */
    public RecordHeader readHeader(long packOffset) throws IOException {
        BlockDevice pack = packs.pack(0);
        RecordHeader header =
                RecordHeader.decode(ByteReader.read(pack, packOffset, RecordHeader.LENGTH, ByteOrder.LITTLE_ENDIAN));
        if (header.recordLength() > pack.size() - packOffset) {
            throw new CorruptImageException(
                    pack.name(),
                    packOffset,
                    "record of " + header.recordLength() + " bytes, but " + (pack.size() - packOffset) + " left");
        }
        return header;
    }

    /**
     * Reads a whole record.
     *
     * @param location where it is; its length is checked against {@code limit} before anything is allocated
     * @param limit the most bytes that such a record can have
     * @param type what the record must be
     * @throws CorruptImageException if it is not such a record, or a checksum is wrong
     */
    public StoredRecord read(RecordLocation location, int limit, RecordType type) throws IOException {
        checkPlace(packs.pack(location.pack()), location, limit);
        return read(location, type, ByteBuffer.allocate(location.length()));
    }

    /**
     * Reads a whole record into a buffer.
     *
     * @param location where it is
     * @param type what the record must be
     * @param buffer with a capacity of at least the location's length; the record is a view of it
     * @throws CorruptImageException if it is not such a record, or a checksum is wrong
     */
    public StoredRecord read(RecordLocation location, RecordType type, ByteBuffer buffer) throws IOException {
        StoredRecord record = read(location, buffer);
        if (!record.header().is(type)) {
            throw record.corrupt("record of type " + record.header().type() + ", expected " + type.code());
        }
        return record;
    }

    /**
     * Reads a whole record of any type into a buffer.
     *
     * @param location where it is
     * @param buffer with a capacity of at least the location's length; the record is a view of it
     * @throws CorruptImageException if it has another length, or a checksum is wrong
     */
    public StoredRecord read(RecordLocation location, ByteBuffer buffer) throws IOException {
        BlockDevice pack = packs.pack(location.pack());
        checkPlace(pack, location, buffer.capacity());
        buffer.clear().limit(location.length());
        pack.read(buffer, location.packOffset());
        buffer.flip();
        ByteReader in = ByteReader.of(buffer, ByteOrder.LITTLE_ENDIAN, pack.name(), location.packOffset());
        RecordHeader header = RecordHeader.decode(in);
        if (header.recordLength() != location.length()) {
            throw in.corrupt(0, "record of " + header.recordLength() + " bytes, expected " + location.length());
        }
        return StoredRecord.open(pack.name(), location, header, buffer.slice(RecordHeader.LENGTH, header.bodyLength()));
    }

    private static void checkPlace(BlockDevice pack, RecordLocation location, int limit) throws CorruptImageException {
        if (location.length() < RecordSeal.TABLE_START || location.length() > limit) {
            throw new CorruptImageException(
                    pack.name(),
                    location.packOffset(),
                    "record of " + location.length() + " bytes, expected " + RecordSeal.TABLE_START + " to " + limit);
        }
        if (location.packOffset() > pack.size() - location.length()) {
            throw new CorruptImageException(
                    pack.name(),
                    location.packOffset(),
                    "record of " + location.length() + " bytes past the " + pack.size() + " of the file");
        }
    }
}
