package io.platter.virtualdisk.spi;

import io.platter.block.ExtentKind;
import io.platter.bytes.Zeros;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a disk that arrives in runs of any length into the whole blocks that a format stores, and encodes those that are
 * not encoded yet, if the format has encoders.
 *
 * <p>A block with any byte of data is data, filled up with zeros; one whose data is all zeros is ZERO, and so is one that
 * is partly ZERO and partly HOLE. Not thread-safe: one thread at a time.
 */
public final class BlockCutter implements OrderedWriter.Sink {
    /** Takes blocks in ascending order, without gaps. */
    public interface Sink {
        /**
         * Takes a block that holds data, and that is stored as it is.
         *
         * @param index its number from 0
         * @param block its bytes from position to limit, always a whole block; not kept
         */
        void block(long index, ByteBuffer block) throws IOException;

        /** Returns a new encoder of blocks; nothing if all are stored as they are. Always the same answer. */
        default Optional<BlockEncoder> newEncoder() {
            return Optional.empty();
        }

        /**
         * Takes a block that holds data and that an encoder of this sink encoded; never called without encoders.
         *
         * @param index its number from 0
         * @param encoded its encoded form from position to limit; not kept
         */
        default void encoded(long index, ByteBuffer encoded) throws IOException {
            throw new UnsupportedOperationException("there are no encoders");
        }

        /** Takes {@code count} blocks, 1 or more, from number {@code first} on, of kind ZERO or HOLE. */
        void empty(long first, long count, ExtentKind kind) throws IOException;

        /** Completes the file after the disk's last block. */
        void finish() throws IOException;

        /** Frees what is held besides memory. */
        default void close() {}
    }

    private final Sink sink;
    private final int blockSize;
    private final @Nullable BlockEncoder encoder;
    private final ByteBuffer encoded;
    private final ByteBuffer pending;
    private ExtentKind pendingKind = ExtentKind.HOLE;
    private long next;

    BlockCutter(int blockSize, Sink sink) {
        this.sink = sink;
        this.blockSize = blockSize;
        this.encoder = sink.newEncoder().orElse(null);
        this.encoded = ByteBuffer.allocateDirect(encoder == null ? 0 : encoder.maxEncodedLength());
        this.pending = encoder == null ? ByteBuffer.allocate(blockSize) : ByteBuffer.allocateDirect(blockSize);
    }

    /** Returns the writer of a disk of {@code diskSize} bytes through blocks. */
    public static VirtualDiskWriter writer(long diskSize, int blockSize, Sink sink) {
        return new OrderedWriter(diskSize, new BlockCutter(blockSize, sink));
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public Optional<BlockEncoder> newEncoder() {
        return sink.newEncoder();
    }

    @Override
    public void encoded(ByteBuffer block) throws IOException {
        if (encoder == null) {
            throw new UnsupportedOperationException("blocks of this file are not encoded");
        }
        sink.encoded(next, block);
        next++;
    }

    @Override
    public void data(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), pending.remaining());
            ByteBuffer part = bytes.slice(bytes.position(), length);
            bytes.position(bytes.position() + length);
            if (length == blockSize && encoder == null) {
                emit(part, ExtentKind.DATA);
                continue;
            }
            pending.put(part);
            pendingKind = ExtentKind.DATA;
            emitIfFull();
        }
    }

    @Override
    public void empty(long length, ExtentKind kind) throws IOException {
        long left = length;
        if (pending.position() > 0) {
            left -= pad((int) Math.min(left, pending.remaining()), kind);
            emitIfFull();
        }
        long whole = left / blockSize;
        if (whole > 0) {
            sink.empty(next, whole, kind);
            next += whole;
        }
        pad((int) (left % blockSize), kind);
    }

    /** Adds fewer bytes than a block to the pending one, which has room for them. */
    private int pad(int length, ExtentKind kind) {
        if (length > 0 && pendingKind == ExtentKind.HOLE) {
            pendingKind = kind;
        }
        Zeros.put(pending, length);
        return length;
    }

    private void emitIfFull() throws IOException {
        if (!pending.hasRemaining()) {
            emit(pending.flip(), pendingKind);
            pending.clear();
            pendingKind = ExtentKind.HOLE;
        }
    }

    private void emit(ByteBuffer block, ExtentKind kind) throws IOException {
        ExtentKind found = kind == ExtentKind.DATA && Zeros.isZero(block) ? ExtentKind.ZERO : kind;
        if (found != ExtentKind.DATA) {
            sink.empty(next, 1, found);
        } else if (encoder != null && encoder.encode(block, encoded.clear())) {
            sink.encoded(next, encoded.flip());
        } else {
            sink.block(next, block.rewind());
        }
        next++;
    }

    @Override
    public void finish() throws IOException {
        if (pending.position() > 0) {
            pad(pending.remaining(), ExtentKind.HOLE);
            emitIfFull();
        }
        sink.finish();
    }

    @Override
    public void close() {
        if (encoder != null) {
            encoder.close();
        }
        sink.close();
    }
}
