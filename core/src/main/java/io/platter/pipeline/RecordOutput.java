package io.platter.pipeline;

import com.github.luben.zstd.Zstd;
import io.platter.format.Commit;
import io.platter.format.FileHeader;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordType;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Appends records to an image file.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class RecordOutput implements Closeable {
    /** Less than this saving, and a payload is stored as it is: then reading it costs nothing. */
    static final double WORTH_COMPRESSING = 0.97;

    private final Storage storage;
    private final int level;
    private long position;
    private Commit lastCommit;

    private RecordOutput(Storage storage, int level, long position, Commit lastCommit) {
        this.storage = storage;
        this.level = level;
        this.position = position;
        this.lastCommit = lastCommit;
    }

    /** Starts a new file, with its header. */
    public static RecordOutput create(Storage storage, int level) throws IOException {
        RecordOutput output = new RecordOutput(storage, level, 0, Commit.NONE);
        output.append(FileHeader.CURRENT.encode());
        return output;
    }

    /** Goes on after what counts of an existing file. */
    public static RecordOutput append(Storage storage, int level, ImageFile existing) {
        return new RecordOutput(storage, level, existing.countedEnd(), existing.commit());
    }

    /** Returns the length of the file so far, in bytes. */
    public long position() {
        return position;
    }

    /** Returns the newest commit. */
    public Commit lastCommit() {
        return lastCommit;
    }

    /** Goes back to the start of the last record, which does not count, to write another one in its place. */
    void replace(RecordLocation last) {
        position = last.imageOffset();
    }

    /** Appends a whole record. */
    RecordLocation append(ByteBuffer record) throws IOException {
        RecordLocation location = new RecordLocation(position, record.remaining());
        storage.write(record, position);
        position += location.length();
        return location;
    }

    /** Appends a record without a table, with its payload compressed if that is worth it. */
    RecordLocation append(RecordType type, ByteBuffer plain) throws IOException {
        byte[] bytes = new byte[plain.remaining()];
        plain.get(plain.position(), bytes);
        byte[] compressed = Zstd.compress(bytes, level);
        boolean worth = compressed.length < bytes.length * WORTH_COMPRESSING;
        byte[] payload = worth ? compressed : bytes;
        ByteBuffer record = ByteBuffer.allocate(RecordHeader.LENGTH + payload.length);
        record.position(RecordHeader.LENGTH).put(payload);
        int payloadCrc = RecordHeader.crc(record.flip().position(RecordHeader.LENGTH));
        int codec = worth ? RecordHeader.ZSTD : RecordHeader.STORED;
        new RecordHeader(type.code(), codec, 0, payload.length, bytes.length, 0, payloadCrc).encode(record.rewind());
        return append(record.rewind());
    }

    /**
     * Makes all that was appended count.
     *
     * @param durably whether to wait, before and after the commit, until all is on the medium
     * @param lastImage the root of the newest complete image
     * @param partialImage the root of an image that is still being written
     * @param imageCount how many complete images there are
     */
    void commit(boolean durably, RecordLocation lastImage, RecordLocation partialImage, int imageCount)
            throws IOException {
        int padding = Commit.paddingBefore(position);
        if (padding > 0) {
            ByteBuffer record = ByteBuffer.allocate(padding);
            int length = padding - RecordHeader.LENGTH;
            int crc = RecordHeader.crc(record.duplicate().position(RecordHeader.LENGTH));
            new RecordHeader(RecordType.PADDING.code(), RecordHeader.STORED, 0, length, length, 0, crc).encode(record);
            append(record.rewind());
        }
        if (durably) {
            storage.force();
        }
        Commit commit = new Commit(
                lastCommit.sequence() + 1, position, lastCommit.imageOffset(), lastImage, partialImage, imageCount);
        append(commit.encode());
        if (durably) {
            storage.force();
        } else {
            storage.flush();
        }
        lastCommit = commit;
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
