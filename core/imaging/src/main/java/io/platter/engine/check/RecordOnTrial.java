package io.platter.engine.check;

import io.platter.engine.line.ReusedBuffer;
import io.platter.engine.read.FrameDecoder;
import io.platter.image.Limits;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A record on its way through a verification: a worker reads it and does what is costly, another thread then checks that it
 * follows the records before it. Its memory is used again for the next record.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class RecordOnTrial {
    private final RecordReader records;
    private final boolean checksBlocks;
    private final ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
    private RecordHeader header = new RecordHeader(0, false, 0, 0);
    private RecordLocation location = RecordLocation.NONE;
    private Optional<StoredRecord> record = Optional.empty();
    private Optional<ReferenceCheck.Frame> frame = Optional.empty();
    private Optional<BlockTable> blocks = Optional.empty();
    private Optional<IndexPage> page = Optional.empty();

    /**
     * Creates the way for records of a file.
     *
     * @param checksBlocks whether frames are decoded
     */
    public RecordOnTrial(RecordReader records, boolean checksBlocks) {
        this.records = records;
        this.checksBlocks = checksBlocks;
    }

    /** Returns how many bytes of memory a line of records takes at most. */
    public static long memory(int threads) {
        return (2L * threads + 2) * Limits.MAX_BODY + (long) threads * (Limits.MAX_BODY + Limits.MAX_FRAME);
    }

    /** Says which record is next. */
    public void start(RecordHeader newHeader, RecordLocation newLocation) {
        header = newHeader;
        location = newLocation;
        record = Optional.empty();
        frame = Optional.empty();
        blocks = Optional.empty();
        page = Optional.empty();
    }

    /** Worker. Reads the record; checks all blocks of a frame, and a page by itself. */
    public void read(FrameDecoder decoder) throws IOException {
        StoredRecord found = records.read(location, buffer.forLength(location.length()));
        record = Optional.of(found);
        if (checksBlocks && header.is(RecordType.FRAME)) {
            FrameDecoder.Decoded decoded = decoder.decode(found);
            frame = Optional.of(ReferenceCheck.Frame.of(decoded, decoder));
            blocks = Optional.of(decoded.table());
        } else if (header.is(RecordType.PAGE)) {
            page = Optional.of(IndexPage.decode(found, records.packs()));
        }
    }

    /** Checks that the record follows those before it, and remembers what later ones may refer to. */
    public void follow(RecordCheck check, ReferenceCheck references) throws IOException {
        check.header(location.packOffset(), header);
        if (frame.isPresent()) {
            check.frame(location, blocks.orElseThrow());
            references.add(frame.get());
        } else if (page.isPresent()) {
            check.page(location, page.get());
            if (checksBlocks && page.get() instanceof LeafPage leaf) {
                references.check(leaf);
            }
        } else {
            check.record(record.orElseThrow());
        }
    }

    /** Returns where the record ends. */
    public long end() {
        return location.end();
    }
}
