package io.platter.engine.read;

import io.platter.block.AlignedBuffers;
import io.platter.block.CorruptImageException;
import io.platter.engine.line.ReusedBuffer;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Payloads;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Reads frames, decodes them and checks the hashes of their blocks, without allocating a buffer for each.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FrameDecoder implements AutoCloseable {
    /** The longest record of a frame that keeps the format's limits. */
    private static final int MAX_RECORD = RecordHeader.LENGTH + Limits.MAX_BODY;

    private final Payloads payloads = new Payloads();
    private final BlockDigest digest = new BlockDigest();
    private final byte[] computed = new byte[Sha256.LENGTH];
    private final byte[] expected = new byte[Sha256.LENGTH];
    private final ReusedBuffer stored = new ReusedBuffer(ByteBuffer::allocateDirect);
    private final ReusedBuffer plain;

    private FrameDecoder(IntFunction<ByteBuffer> plainMemory) {
        this.plain = new ReusedBuffer(plainMemory);
    }

    /** Creates a decoder, which holds native memory until it is closed. */
    public FrameDecoder() {
        this(AlignedBuffers::allocate);
    }

    /** Returns a decoder for a worker of a restore, whose plain bytes go into a file. */
    public static FrameDecoder forWriting() {
        FrameDecoder decoder = new FrameDecoder();
        decoder.digest.warmUp();
        return decoder;
    }

    /** Returns a decoder for a worker who only checks: an array is hashed without being copied. */
    public static FrameDecoder forChecking() {
        FrameDecoder decoder = new FrameDecoder(ByteBuffer::allocate);
        decoder.digest.warmUp();
        return decoder;
    }

    /**
     * A frame as it was decoded; its buffer is the decoder's, and valid until the next frame, unless it is the caller's.
     *
     * @param record the record
     * @param table its blocks
     * @param plain the blocks' bytes, from 0 to limit; if direct, it starts at a page of memory
     */
    public record Decoded(StoredRecord record, BlockTable table, ByteBuffer plain) {}

    /** Reads and decodes a frame. The hashes of its blocks are not checked yet. */
    public Decoded decode(RecordReader records, RecordLocation location) throws IOException {
        return decode(records, location, plain);
    }

    /**
     * Reads and decodes a frame into memory of its own, an array. The hashes of its blocks are not checked yet: any
     * decoder can do that.
     */
    Decoded decodeToKeep(RecordReader records, RecordLocation location) throws IOException {
        Decoded decoded = decode(records, location, new ReusedBuffer(ByteBuffer::allocate));
        return new Decoded(decoded.record(), decoded.table().copy(), decoded.plain());
    }

    /** Reads and decodes a frame into memory of the caller. The hashes of its blocks are not checked yet. */
    Decoded decode(RecordReader records, RecordLocation location, ReusedBuffer into) throws IOException {
        if (location.length() > MAX_RECORD) {
            throw new CorruptImageException(
                    records.resource(location),
                    location.packOffset(),
                    "frame of " + location.length() + " bytes, expected at most " + MAX_RECORD);
        }
        return decode(records.read(location, RecordType.FRAME, stored.forLength(location.length())), into);
    }

    /** Decodes a frame that was read. */
    public Decoded decode(StoredRecord record) throws CorruptImageException {
        return decode(record, plain);
    }

    private Decoded decode(StoredRecord record, ReusedBuffer into) throws CorruptImageException {
        BlockTable table = BlockTable.decode(record);
        ByteBuffer decoded = into.forLength(record.plainLength());
        payloads.decode(record, decoded);
        return new Decoded(record, table, decoded.flip());
    }

    /**
     * Checks the hash of a block against the frame's table.
     *
     * @throws CorruptImageException if they differ
     */
    public void checkBlock(Decoded frame, int slot) throws CorruptImageException {
        digest.hash(
                frame.plain(), frame.table().plainOffset(slot), frame.table().length(slot), computed, 0);
        frame.table().hash(slot, expected, 0);
        if (!Arrays.equals(computed, expected)) {
            throw frame.record()
                    .corrupt("block " + slot + " has SHA-256 " + Sha256.at(ByteBuffer.wrap(computed), 0) + ", expected "
                            + Sha256.at(ByteBuffer.wrap(expected), 0));
        }
    }

    @Override
    public void close() {
        payloads.close();
    }
}
