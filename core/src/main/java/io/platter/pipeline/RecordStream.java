package io.platter.pipeline;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * Reads the records of an image file one after the other, from a channel that can't seek.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class RecordStream {
    private static final String NAME = "image channel";

    private final ReadableByteChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(RecordHeader.LENGTH);
    private long position;
    private long bytesRead;
    private boolean cutOff;

    /** Takes a channel, which stays open. */
    public RecordStream(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** Returns the name by which messages call the file. */
    public String name() {
        return NAME;
    }

    /** Returns where the next record starts. */
    public long position() {
        return position;
    }

    /** Returns how many bytes were read, in whole records or not. */
    long bytesRead() {
        return bytesRead;
    }

    /** Tells whether the stream ended inside a record. */
    boolean isCutOff() {
        return cutOff;
    }

    /** Returns the length of a record's table and payload, in bytes. */
    int bodyLength(RecordHeader current) {
        return current.tableLength() + current.payloadLength();
    }

    /**
     * Reads the header of the next record, or nothing at the end.
     *
     * @throws CorruptImageException if it is damaged, or if the stream never was an image
     */
    public Optional<RecordHeader> nextHeader() throws IOException {
        fill(header.clear());
        if (header.position() == 0) {
            return Optional.empty();
        }
        if (position == 0 && header.position() >= Integer.BYTES) {
            ImageFile.checkMagic(ByteReader.of(header.duplicate().flip(), ByteOrder.LITTLE_ENDIAN, NAME, position));
        }
        if (header.hasRemaining()) {
            throw cutOff(header.remaining());
        }
        return Optional.of(RecordHeader.decode(ByteReader.of(header.flip(), ByteOrder.LITTLE_ENDIAN, NAME, position)));
    }

    private void fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer);
            if (count < 0) {
                return;
            }
            bytesRead += count;
        }
    }

    /**
     * Reads the rest of the record whose header was read, and checks the checksum of its table.
     *
     * @param buffer has room for the record's table and payload
     */
    public RecordReader.StoredRecord body(RecordHeader current, ByteBuffer buffer) throws IOException {
        int length = bodyLength(current);
        fill(buffer.clear().limit(length));
        if (buffer.hasRemaining()) {
            throw cutOff(buffer.remaining());
        }
        buffer.flip();
        RecordReader.StoredRecord record = new RecordReader.StoredRecord(
                NAME,
                new RecordLocation(position, RecordHeader.LENGTH + length),
                current,
                buffer.slice(0, current.tableLength()),
                buffer.slice(current.tableLength(), current.payloadLength()));
        current.checkTable(record.table(), NAME, position);
        position += RecordHeader.LENGTH + length;
        return record;
    }

    /** Reads what is left, so that the writer of a pipe does not fail. */
    void skipToEnd() throws IOException {
        ByteBuffer rest = ByteBuffer.allocate(64 << 10);
        for (int count = channel.read(rest); count >= 0; count = channel.read(rest.clear())) {
            bytesRead += count;
        }
    }

    private CorruptImageException cutOff(int missing) {
        cutOff = true;
        return new CorruptImageException(NAME, position, "record is cut off, " + missing + " bytes are missing");
    }
}
