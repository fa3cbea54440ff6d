package io.platter.engine.pack;

import io.platter.engine.read.ImageFile;
import io.platter.image.FileId;
import io.platter.image.Limits;
import io.platter.image.codec.Commit;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Appends records to a pack. Sees to it that no byte of them can be taken for a commit: where one could, a PADDING moves the
 * record.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class RecordOutput implements Closeable {
    /** After so many bytes, the same places come again. */
    private static final int MOST_PADDING = Limits.COMMIT_ALIGNMENT + RecordSeal.TABLE_START;

    private final Storage storage;
    private final int level;
    private final RecordSeal seal = new RecordSeal();
    private long position;
    private Commit lastCommit;

    private RecordOutput(Storage storage, int level, long position, Commit lastCommit) {
        this.storage = storage;
        this.level = level;
        this.position = position;
        this.lastCommit = lastCommit;
    }

    /** Starts a new file, with its header. */
    public static RecordOutput create(Storage storage, int level, FileHeader header) throws IOException {
        RecordOutput output = new RecordOutput(storage, level, 0, Commit.none(header.fileId()));
        for (int copy = 0; copy < FileHeader.COPIES; copy++) {
            output.write(header.encode());
        }
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
    public void replace(RecordLocation last) {
        position = last.packOffset();
    }

    /**
     * Appends a whole record.
     *
     * @param record little-endian, from 0 to limit
     */
    public RecordLocation append(ByteBuffer record) throws IOException {
        int padding = 0;
        while (couldForge(record, position + padding)) {
            padding = Math.max(RecordSeal.TABLE_START, padding + 1);
            if (padding > MOST_PADDING) {
                throw new IOException("writing " + storage.name() + " failed at offset " + position
                        + ": the disk holds commits of this very file, wherever the record is put that takes them");
            }
        }
        if (padding > 0) {
            write(seal.padding(padding));
        }
        RecordLocation location = RecordLocation.of(position, record.remaining());
        write(record);
        return location;
    }

    /** Appends a record, with its payload compressed if that is worth it. */
    public RecordLocation append(RecordType type, ByteBuffer table, ByteBuffer plain) throws IOException {
        return append(seal.seal(type, table, plain, level));
    }

    /** Appends a record, with its payload as it is. */
    public RecordLocation appendStored(RecordType type, ByteBuffer table, ByteBuffer payload) throws IOException {
        return append(seal.seal(type, table, payload));
    }

    private void write(ByteBuffer record) throws IOException {
        int length = record.remaining();
        storage.write(record, position);
        position += length;
    }

    /** Tells whether bytes inside of a record could be taken for a commit if it was written at a place. */
    private boolean couldForge(ByteBuffer record, long place) {
        FileId file = lastCommit.fileId();
        long end = place + record.limit();
        for (long grid = place - Math.floorMod(place, Limits.COMMIT_ALIGNMENT);
                grid - Commit.LENGTH < end;
                grid += Limits.COMMIT_ALIGNMENT) {
            if (couldForge(record, grid - Commit.LENGTH - place, file) || couldForge(record, grid - place, file)) {
                return true;
            }
        }
        return false;
    }

    private static boolean couldForge(ByteBuffer record, long index, FileId file) {
        // What starts where the record does is the record.
        return index > 0 && index < record.limit() && Commit.looksLikeOne(record, (int) index, file);
    }

    /**
     * Makes all that was appended count.
     *
     * @param durably whether to wait, before and after the commit, until all is on the medium
     * @param contents what the file holds
     */
    public void commit(boolean durably, Commit.Contents contents) throws IOException {
        int padding = Commit.paddingBefore(position);
        if (padding > 0) {
            write(seal.padding(padding));
        }
        if (durably) {
            storage.force();
        }
        Commit commit = lastCommit.next(contents, position + Commit.LENGTH);
        write(commit.encode());
        write(commit.encode());
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
