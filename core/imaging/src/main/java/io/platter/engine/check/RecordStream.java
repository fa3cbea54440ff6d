package io.platter.engine.check;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.StoredRecord;
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

    /** The first bytes, which are looked at before the first record is. */
    private final ByteBuffer start = ByteBuffer.allocate(2 * RecordHeader.LENGTH);

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
    public long bytesRead() {
        return bytesRead;
    }

    /** Tells whether the stream ended inside a record. */
    public boolean isCutOff() {
        return cutOff;
    }

    /**
     * Reads the header of the next record, or nothing at the end.
     *
     * @throws CorruptImageException if it is damaged, or if the stream never was an image
     */
    public Optional<RecordHeader> nextHeader() throws IOException {
        if (position == 0) {
            read(start);
            FileHeader.checkVersion(start.flip(), NAME);
        }
        fill(header.clear());
        if (header.position() == 0) {
            return Optional.empty();
        }
        if (header.hasRemaining()) {
            throw cutOff(header.remaining());
        }
        return Optional.of(RecordHeader.decode(ByteReader.of(header.flip(), ByteOrder.LITTLE_ENDIAN, NAME, position)));
    }

    private void fill(ByteBuffer buffer) throws IOException {
        int count = Math.min(start.remaining(), buffer.remaining());
        buffer.put(start.slice(start.position(), count));
        start.position(start.position() + count);
        read(buffer);
    }

    private void read(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer);
            if (count < 0) {
                return;
            }
            bytesRead += count;
        }
    }

    /**
     * Reads the rest of the record whose header was read, and checks its checksum.
     *
     * @param buffer direct, has room for the record's body
     */
    public StoredRecord body(RecordHeader current, ByteBuffer buffer) throws IOException {
        fill(buffer.clear().limit(current.bodyLength()));
        if (buffer.hasRemaining()) {
            throw cutOff(buffer.remaining());
        }
        RecordLocation location = RecordLocation.of(position, current.recordLength());
        StoredRecord record = StoredRecord.open(NAME, location, current, buffer.flip());
        position = location.end();
        return record;
    }

    /** Reads what is left, so that the writer of a pipe does not fail. */
    public void skipToEnd() throws IOException {
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
