package io.platter.virtualdisk;

import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts a disk that arrives in runs of any length into the whole blocks that a format stores.
 *
 * <p>A block with any byte of data is data, filled up with zeros; one whose data is all zeros is ZERO, and so is one that
 * is partly ZERO and partly UNUSED. Not thread-safe: one thread at a time.
 */
final class BlockCutter implements OrderedWriter.Sink {
    /** Takes blocks in ascending order, without gaps. */
    interface Sink {
        /**
         * Takes a block that holds data.
         *
         * @param index its number from 0
         * @param block its bytes from position to limit, always a whole block; not kept
         */
        void block(long index, ByteBuffer block) throws IOException;

        /** Takes {@code count} blocks, 1 or more, from number {@code first} on, of kind ZERO or UNUSED. */
        void empty(long first, long count, ExtentKind kind) throws IOException;

        /** Completes the file after the disk's last block. */
        void finish() throws IOException;

        /** Frees what is held besides memory. */
        default void close() {}
    }

    private final Sink sink;
    private final int blockSize;
    private final byte[] zeros;
    private final ByteBuffer pending;
    private ExtentKind pendingKind = ExtentKind.UNUSED;
    private long next;

    BlockCutter(int blockSize, Sink sink) {
        this.sink = sink;
        this.blockSize = blockSize;
        this.zeros = new byte[blockSize];
        this.pending = ByteBuffer.allocate(blockSize);
    }

    /** Returns the writer of a disk of {@code diskSize} bytes through blocks. */
    static VirtualDiskWriter writer(long diskSize, int blockSize, Sink sink) {
        return new OrderedWriter(diskSize, new BlockCutter(blockSize, sink));
    }

    @Override
    public void data(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), pending.remaining());
            pending.put(bytes.slice(bytes.position(), length));
            bytes.position(bytes.position() + length);
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
        if (length > 0) {
            if (pendingKind == ExtentKind.UNUSED) {
                pendingKind = kind;
            }
            pending.put(zeros, 0, length);
        }
        return length;
    }

    private void emitIfFull() throws IOException {
        if (pending.hasRemaining()) {
            return;
        }
        if (pendingKind == ExtentKind.DATA && Arrays.equals(pending.array(), zeros)) {
            pendingKind = ExtentKind.ZERO;
        }
        if (pendingKind == ExtentKind.DATA) {
            sink.block(next, pending.flip());
        } else {
            sink.empty(next, 1, pendingKind);
        }
        pending.clear();
        pendingKind = ExtentKind.UNUSED;
        next++;
    }

    @Override
    public void finish() throws IOException {
        if (pending.position() > 0) {
            pad(pending.remaining(), ExtentKind.UNUSED);
            emitIfFull();
        }
        sink.finish();
    }

    @Override
    public void close() {
        sink.close();
    }
}
