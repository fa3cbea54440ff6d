package io.platter.virtualdisk.spi;

import io.platter.block.ExtentKind;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * Checks what every writer asks of its caller: a disk without gaps, from its first byte to its last.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class OrderedWriter implements VirtualDiskWriter {
    /** Takes the disk in order; its callers are checked. */
    public interface Sink {
        /** Takes bytes from position to limit. */
        void data(ByteBuffer bytes) throws IOException;

        /** Takes a run of ZERO or HOLE, of 1 byte or more. */
        void empty(long length, ExtentKind kind) throws IOException;

        /** Returns the size of a block, or the unit of holes if there are none; see {@link VirtualDiskWriter}. */
        default int blockSize() {
            return 4096;
        }

        /** Returns a new encoder of blocks, if blocks are encoded. */
        default Optional<BlockEncoder> newEncoder() {
            return Optional.empty();
        }

        /** Takes a block that one of the encoders encoded; never called without encoders. */
        default void encoded(ByteBuffer block) throws IOException {
            throw new UnsupportedOperationException("there are no encoders");
        }

        /** Completes the file after the disk's last byte. */
        void finish() throws IOException;

        /** Frees what is held besides memory. */
        default void close() {}
    }

    private enum State {
        OPEN,
        FAILED,
        FINISHED,
        CLOSED
    }

    private final long diskSize;
    private final Sink sink;
    private long position;
    private State state = State.OPEN;

    /** Creates a writer of a disk of a size, in bytes, which closes its sink. */
    public OrderedWriter(long diskSize, Sink sink) {
        this.diskSize = diskSize;
        this.sink = sink;
    }

    /** Checks the size of a new disk. */
    public static void checkDiskSize(String format, long diskSize, long maximum) {
        if (diskSize < 0 || diskSize > maximum) {
            throw new IllegalArgumentException(
                    "disk size " + diskSize + ", expected 0 to " + maximum + " for " + format);
        }
    }

    @Override
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        check(diskOffset, length);
        state = State.FAILED;
        if (length > 0) {
            sink.data(bytes);
        }
        position += length;
        state = State.OPEN;
    }

    @Override
    public void empty(long diskOffset, long length, ExtentKind kind) throws IOException {
        if (kind != ExtentKind.ZERO && kind != ExtentKind.HOLE) {
            throw new IllegalArgumentException("an empty run of kind " + kind + ", expected ZERO or HOLE");
        }
        check(diskOffset, length);
        state = State.FAILED;
        if (length > 0) {
            sink.empty(length, kind);
        }
        position += length;
        state = State.OPEN;
    }

    @Override
    public int blockSize() {
        return sink.blockSize();
    }

    @Override
    public Optional<BlockEncoder> newEncoder() {
        return sink.newEncoder();
    }

    @Override
    public void encoded(long diskOffset, ByteBuffer encoded) throws IOException {
        long length = Math.min(sink.blockSize(), diskSize - diskOffset);
        check(diskOffset, length);
        if (diskOffset % sink.blockSize() != 0 || length == 0) {
            throw new IllegalArgumentException(
                    "disk offset " + diskOffset + ", expected the start of a block of " + sink.blockSize() + " bytes");
        }
        state = State.FAILED;
        sink.encoded(encoded);
        position += length;
        state = State.OPEN;
    }

    private void check(long diskOffset, long length) {
        checkOpen();
        if (diskOffset != position || length < 0 || length > diskSize - position) {
            throw new IllegalArgumentException(length + " bytes at disk offset " + diskOffset + ", expected at "
                    + position + " and at most up to " + diskSize);
        }
    }

    private void checkOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException("the writer is " + state.name().toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void finish() throws IOException {
        checkOpen();
        if (position != diskSize) {
            throw new IllegalStateException("only " + position + " of " + diskSize + " bytes were given");
        }
        state = State.FAILED;
        sink.finish();
        state = State.FINISHED;
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            sink.close();
        }
    }
}
