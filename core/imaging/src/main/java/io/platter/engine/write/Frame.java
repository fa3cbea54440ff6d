package io.platter.engine.write;

import com.github.luben.zstd.Zstd;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Codec;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A frame that is being gathered, compressed or written. Its blocks stay in their segment as long as they can; what
 * outlives the segment's turn is copied, so that an open frame never keeps a segment from its pool.
 *
 * <p>Filled by the writer thread, compressed by a worker, written by the writer thread.
 */
public final class Frame {
    /** The most blocks of one frame; far more than there are, unless extents are tiny. */
    private static final int MAX_BLOCKS = 2048;

    private final int capacity;
    private final ByteBuffer copied;
    private final ByteBuffer record;
    private final int[] pieceStarts = new int[MAX_BLOCKS];
    private final int[] pieceLengths = new int[MAX_BLOCKS];
    private @Nullable Segment segment;
    private int pieces;
    private int blocks;
    private int length;

    /** When the record is ready to be written. */
    @Nullable
    Future<?> ready;

    Frame(int capacity) {
        this.capacity = capacity;
        this.copied = ByteBuffer.allocateDirect(capacity);
        int most = RecordSeal.TABLE_START + MAX_BLOCKS * BlockTable.ENTRY_LENGTH + (int) Zstd.compressBound(capacity);
        this.record = ByteBuffer.allocateDirect(most).order(ByteOrder.LITTLE_ENDIAN);
        reset();
    }

    void reset() {
        copied.clear();
        record.clear().position(RecordSeal.TABLE_START);
        pieces = 0;
        blocks = 0;
        length = 0;
        ready = null;
    }

    boolean isEmpty() {
        return blocks == 0;
    }

    boolean hasRoomFor(int blockLength) {
        return length + blockLength <= capacity && blocks < MAX_BLOCKS;
    }

    /** Returns the plain bytes so far. */
    int length() {
        return length;
    }

    /** Adds a block of a segment and returns its slot. */
    int add(Segment from, int item, long diskOffset) {
        int start = from.start(item);
        int blockLength = (int) from.length(item);
        if (segment == null) {
            segment = from;
            from.hold();
        }
        if (pieces > 0 && pieceStarts[pieces - 1] + pieceLengths[pieces - 1] == start) {
            pieceLengths[pieces - 1] += blockLength;
        } else {
            pieceStarts[pieces] = start;
            pieceLengths[pieces] = blockLength;
            pieces++;
        }
        BlockTable.encodeEntry(record, from.hashes, item * 32, diskOffset, blockLength);
        length += blockLength;
        return blocks++;
    }

    /** Lets go of the segment. */
    void leaveSegment() {
        if (segment != null) {
            for (int piece = 0; piece < pieces; piece++) {
                copied.put(copied.position(), segment.bytes, pieceStarts[piece], pieceLengths[piece]);
                copied.position(copied.position() + pieceLengths[piece]);
            }
            pieces = 0;
            drop();
        }
    }

    /** Lets go of the segment and of what is in it. */
    void drop() {
        if (segment != null) {
            segment.release();
            segment = null;
        }
    }

    /** Worker. Makes the record. */
    void encode(Worker worker) {
        Segment held = segment;
        int tableLength = record.position() - RecordSeal.TABLE_START;
        int payloadAt = record.position();
        ByteBuffer source;
        int start;
        if (held != null && pieces == 1 && copied.position() == 0) {
            source = held.bytes;
            start = pieceStarts[0];
        } else {
            leaveSegment();
            source = copied;
            start = 0;
        }
        int stored = worker.compress(record, payloadAt, source, start, length);
        int codec = Codec.ZSTD;
        if (!RecordSeal.isWorthIt(stored, length)) {
            record.put(payloadAt, source, start, length);
            stored = length;
            codec = Codec.STORED;
        }
        drop();
        worker.seal().seal(record, RecordType.FRAME, tableLength, codec, stored, length);
    }

    /** Returns the number of its blocks. */
    int blocks() {
        return blocks;
    }

    /** Returns the table of the record, when it is ready. */
    ByteBuffer table() {
        return record.slice(RecordSeal.TABLE_START, blocks * BlockTable.ENTRY_LENGTH);
    }

    /** Returns the record, when it is ready. */
    ByteBuffer record() {
        return record;
    }
}
