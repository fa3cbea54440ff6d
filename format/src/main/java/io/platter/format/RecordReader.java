package io.platter.format;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads records of a file by their place, and checks their checksums.
 *
 * <p>Safe for use by several threads.
 */
public final class RecordReader {
    private final BlockDevice file;

    /** Creates a reader of a file's bytes, which stay open. */
    public RecordReader(BlockDevice file) {
        this.file = file;
    }

    /** Returns the name of the file. */
    public String resource() {
        return file.name();
    }

    /** Returns the file's bytes. */
    public BlockDevice file() {
        return file;
    }

    /** Returns the length of the file in bytes. */
    public long size() {
        return file.size();
    }

    /**
     * Reads the header of a record.
     *
     * @throws CorruptImageException if there is none, or the record does not fit into the file
     */
    public RecordHeader readHeader(long imageOffset) throws IOException {
        RecordHeader header =
                RecordHeader.decode(ByteReader.read(file, imageOffset, RecordHeader.LENGTH, ByteOrder.LITTLE_ENDIAN));
        if (header.recordLength() > file.size() - imageOffset) {
            throw new CorruptImageException(
                    file.name(),
                    imageOffset,
                    "record of " + header.recordLength() + " bytes, but " + (file.size() - imageOffset) + " left");
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
        checkPlace(location, limit);
        ByteBuffer bytes = ByteBuffer.allocateDirect(location.length());
        return read(location, type, bytes);
    }

    /**
     * Reads a whole record into a buffer.
     *
     * @param location where it is
     * @param type what the record must be
     * @param buffer direct, with a capacity of at least the location's length; the record is a view of it
     * @throws CorruptImageException if it is not such a record, or a checksum is wrong
     */
    public StoredRecord read(RecordLocation location, RecordType type, ByteBuffer buffer) throws IOException {
        StoredRecord record = readForeign(location, buffer);
        if (!record.header().is(type)) {
            throw new CorruptImageException(
                    file.name(),
                    location.imageOffset(),
                    "record of type " + record.header().type() + ", expected " + type.code());
        }
        return record;
    }

    /**
     * Reads a whole record of any type into a buffer.
     *
     * @param location where it is
     * @param buffer direct, with a capacity of at least the location's length; the record is a view of it
     * @throws CorruptImageException if it has another length, or a checksum is wrong
     */
    public StoredRecord readForeign(RecordLocation location, ByteBuffer buffer) throws IOException {
        checkPlace(location, buffer.capacity());
        buffer.clear().limit(location.length());
        file.read(buffer, location.imageOffset());
        buffer.flip();
        ByteReader in = ByteReader.of(buffer, ByteOrder.LITTLE_ENDIAN, file.name(), location.imageOffset());
        RecordHeader header = RecordHeader.decode(in);
        if (header.recordLength() != location.length()) {
            throw in.corrupt(0, "record of " + header.recordLength() + " bytes, expected " + location.length());
        }
        StoredRecord record = new StoredRecord(
                file.name(),
                location,
                header,
                buffer.slice(RecordHeader.LENGTH, header.tableLength()),
                buffer.slice(RecordHeader.LENGTH + header.tableLength(), header.payloadLength()));
        header.checkTable(record.table, file.name(), location.imageOffset());
        return record;
    }

    /**
     * Reads the table of a record whose header was read, and checks its checksum.
     *
     * @param imageOffset where the record starts
     */
    public ByteBuffer readTable(RecordHeader header, long imageOffset) throws IOException {
        ByteBuffer table = ByteBuffer.allocate(header.tableLength());
        file.read(table, imageOffset + RecordHeader.LENGTH);
        header.checkTable(table.flip(), file.name(), imageOffset);
        return table;
    }

    private void checkPlace(RecordLocation location, int limit) throws CorruptImageException {
        if (location.length() < RecordHeader.LENGTH || location.length() > limit) {
            throw new CorruptImageException(
                    file.name(),
                    location.imageOffset(),
                    "record of " + location.length() + " bytes, expected " + RecordHeader.LENGTH + " to " + limit);
        }
        if (location.imageOffset() > file.size() - location.length()) {
            throw new CorruptImageException(
                    file.name(),
                    location.imageOffset(),
                    "record of " + location.length() + " bytes behind the file's " + file.size());
        }
    }

    /**
     * A record as it was read: the table's checksum is right, the payload is not judged yet.
     *
     * @param resource the name of the file
     * @param location where the record is
     * @param header its header
     * @param table its table
     * @param payload its payload as stored
     */
    public record StoredRecord(
            String resource, RecordLocation location, RecordHeader header, ByteBuffer table, ByteBuffer payload) {
        /**
         * Checks the payload's checksum.
         *
         * @return the payload as stored
         * @throws CorruptImageException if it is wrong
         */
        public ByteBuffer checkedPayload() throws CorruptImageException {
            header.checkPayload(payload, resource, location.imageOffset());
            return payload;
        }

        /**
         * Checks and decodes the payload.
         *
         * @param limit the most plain bytes that such a payload can have
         * @throws CorruptImageException if it is damaged or over the limit
         */
        public ByteBuffer decodedPayload(int limit) throws CorruptImageException {
            checkedPayload();
            if (header.plainLength() > limit) {
                throw new CorruptImageException(
                        resource,
                        location.imageOffset(),
                        "payload of " + header.plainLength() + " plain bytes, expected at most " + limit);
            }
            ByteBuffer plain = ByteBuffer.allocateDirect(header.plainLength());
            try (Payloads payloads = new Payloads()) {
                payloads.decode(header, payload, plain, resource, location.imageOffset());
            }
            return plain.flip();
        }
    }
}
