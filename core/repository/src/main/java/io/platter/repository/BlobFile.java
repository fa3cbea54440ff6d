package io.platter.repository;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.PackNumbers;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import io.platter.repository.store.BlobStore.Blob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A blob that is a file of the image format, all of it in memory. */
final class BlobFile {
    private final BlockDevice bytes;
    private final ImageFile file;

    private BlobFile(BlockDevice bytes, ImageFile file) {
        this.bytes = bytes;
        this.file = file;
    }

    /** Reads a blob. */
    static BlobFile read(Blobs blobs, Blob blob, PackNumbers numbers) throws IOException {
        BlockDevice bytes = new NamedBytes(MemoryDevice.over(blobs.read(blob)), blob.key() + " of " + blobs.name());
        return new BlobFile(bytes, ImageFile.open(bytes, numbers));
    }

    /** Returns the bytes. */
    BlockDevice bytes() {
        return bytes;
    }

    /** Returns the file. */
    ImageFile file() {
        return file;
    }

    /** Returns all records of a type. */
    List<StoredRecord> records(RecordType type) throws IOException {
        List<StoredRecord> found = new ArrayList<>();
        for (RecordLocation location : file.walk(type)) {
            found.add(file.records().read(location, ByteBuffer.allocate(location.length())));
        }
        return found;
    }
}
