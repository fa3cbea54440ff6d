package io.platter.pipeline;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader;
import io.platter.format.RecordType;
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

    /** Reads the header of the next record, or nothing at the end. */
    public Optional<RecordHeader> nextHeader() throws IOException {
        header.clear();
        while (header.hasRemaining()) {
            if (channel.read(header) < 0) {
                if (header.position() == 0) {
                    return Optional.empty();
                }
                throw cutOff(header.remaining());
            }
        }
        return Optional.of(RecordHeader.decode(ByteReader.of(header.flip(), ByteOrder.LITTLE_ENDIAN, NAME, position)));
    }

    /**
     * Reads the rest of the record whose header was read, and checks its checksums.
     *
     * @param buffer has room for the record's table and payload
     */
    public RecordReader.StoredRecord body(RecordHeader current, ByteBuffer buffer) throws IOException {
        int length = current.tableLength() + current.payloadLength();
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw cutOff(buffer.remaining());
            }
        }
        buffer.flip();
        RecordReader.StoredRecord record = new RecordReader.StoredRecord(
                NAME,
                new RecordLocation(position, RecordHeader.LENGTH + length),
                current,
                buffer.slice(0, current.tableLength()),
                buffer.slice(current.tableLength(), current.payloadLength()));
        current.checkTable(record.table(), NAME, position);
        record.checkedPayload();
        position += RecordHeader.LENGTH + length;
        return record;
    }

    /** Reads the rest, and returns how many roots of images were in it; what is torn there does not count. */
    public int countImagesToEnd() throws IOException {
        try {
            return countImages();
        } catch (CorruptImageException torn) {
            ByteBuffer rest = ByteBuffer.allocate(64 << 10);
            while (channel.read(rest.clear()) >= 0) {
                // Read to the end, so that the writer of a pipe does not fail.
            }
            return 0;
        }
    }

    private int countImages() throws IOException {
        int images = 0;
        ByteBuffer buffer = ByteBuffer.allocate(0);
        for (Optional<RecordHeader> next = nextHeader(); next.isPresent(); next = nextHeader()) {
            int length = next.get().tableLength() + next.get().payloadLength();
            buffer = buffer.capacity() >= length ? buffer : ByteBuffer.allocateDirect(2 * length);
            body(next.get(), buffer);
            images += next.get().is(RecordType.IMAGE) ? 1 : 0;
        }
        return images;
    }

    private CorruptImageException cutOff(int missing) {
        return new CorruptImageException(NAME, position, "record is cut off, " + missing + " bytes are missing");
    }
}
