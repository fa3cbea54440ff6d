package io.platter.repository;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.engine.line.ReusedBuffer;
import io.platter.engine.read.ImageFile;
import io.platter.engine.write.CatalogLoader;
import io.platter.image.FileId;
import io.platter.image.codec.Catalog;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import io.platter.repository.store.BlobStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The frames and pages of one pack. */
final class PackRecords {
    private final ImageFile file;
    private final ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocate);

    private PackRecords(ImageFile file) {
        this.file = file;
    }

    /** Opens a pack that is there. */
    static PackRecords open(Blobs blobs, PackDevices packs, FileId id, BlobStore.Blob blob) throws IOException {
        return new PackRecords(ImageFile.open(new Whole(blobs, id, blob), packs.numbers()));
    }

    /** A pack of which the size is known. */
    private record Whole(Blobs blobs, FileId id, BlobStore.Blob blob) implements BlockDevice {
        @Override
        public String name() {
            return "pack " + id + " of " + blobs.name();
        }

        @Override
        public long size() {
            return blob.size();
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void read(ByteBuffer target, long packOffset) throws IOException {
            try {
                blobs.get(blob.key(), packOffset, target);
            } catch (EOFException e) {
                CorruptImageException cut = new CorruptImageException(
                        name(), packOffset, "the pack ends here, expected " + blob.size() + " bytes");
                cut.initCause(e);
                throw cut;
            }
        }

        @Override
        public void write(ByteBuffer source, long packOffset) {
            throw new IllegalStateException(name() + " is open for reading only");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** Returns where all frames and pages are: from the pack's own list, or record by record if that is damaged. */
    List<RecordLocation> locations() throws IOException {
        try {
            return listed();
        } catch (CorruptImageException e) {
            return file.walk(RecordType.FRAME, RecordType.PAGE);
        }
    }

    private List<RecordLocation> listed() throws IOException {
        List<RecordLocation> found = new ArrayList<>();
        RecordLocation next = file.commit().contents().catalog();
        while (next.isPresent()) {
            Catalog part = CatalogLoader.read(file, next, buffer);
            part.frames().forEach(frame -> found.add(frame.location()));
            part.pages().forEach(page -> found.add(page.location()));
            next = part.previous();
        }
        return found;
    }

    /** Reads a record; it and {@code bytes} stay valid until the next one. */
    Raw read(RecordLocation location) throws IOException {
        ByteBuffer bytes = buffer.forLength(location.length());
        StoredRecord record = file.records().read(location, bytes);
        return new Raw(record, bytes.duplicate().clear().limit(location.length()));
    }

    /**
     * A record as it is stored.
     *
     * @param record its parts, checked by its checksum
     * @param bytes all of it, from 0 to limit
     */
    record Raw(StoredRecord record, ByteBuffer bytes) {}
}
