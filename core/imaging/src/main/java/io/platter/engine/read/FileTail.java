package io.platter.engine.read;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ImageFormatException;
import io.platter.engine.line.ReusedBuffer;
import io.platter.image.codec.Commit;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What follows the last commit of a file.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class FileTail {
    private final BlockDevice file;
    private final RecordReader records;
    private final Commit last;
    private int damagedImage;

    FileTail(BlockDevice file, RecordReader records, Commit last) {
        this.file = file;
        this.records = records;
        this.last = last;
    }

    /** Returns the number of an image that follows and is damaged, or 0. */
    int damagedImage() {
        return damagedImage;
    }

    /** Returns the next image, if all of it is there, and all that leads to it. */
    Optional<EndSearch.Uncommitted> completeImage() throws IOException {
        Optional<EndSearch.Uncommitted> image = findImage();
        if (image.isPresent() && !isSound(image.get().location())) {
            damagedImage = image.get().root().number();
            return Optional.empty();
        }
        return image;
    }

    private Optional<EndSearch.Uncommitted> findImage() throws IOException {
        long position = last.end();
        while (position <= file.size() - RecordHeader.LENGTH) {
            try {
                RecordHeader found = RecordHeader.decode(
                        ByteReader.read(file, position, RecordHeader.LENGTH, ByteOrder.LITTLE_ENDIAN));
                if (found.recordLength() > file.size() - position) {
                    return Optional.empty();
                }
                RecordLocation location = RecordLocation.of(position, found.recordLength());
                if (found.is(RecordType.IMAGE)) {
                    ImageRoot root = ImageFile.root(records, location);
                    if (!root.partial() && root.number() == last.contents().imageCount() + 1) {
                        new IndexReader(records).root(root);
                        return Optional.of(new EndSearch.Uncommitted(location, root));
                    }
                }
                position = location.end();
            } catch (ImageFormatException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private boolean isSound(RecordLocation image) throws IOException {
        ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
        try {
            for (long position = last.end(); position < image.packOffset(); ) {
                RecordLocation location =
                        RecordLocation.of(position, records.readHeader(position).recordLength());
                StoredRecord record = records.read(location, buffer.forLength(location.length()));
                position = record.location().end();
            }
            return true;
        } catch (ImageFormatException e) {
            return false;
        }
    }
}
