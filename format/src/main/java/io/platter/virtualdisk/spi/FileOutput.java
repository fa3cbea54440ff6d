package io.platter.virtualdisk.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * The file that a writer makes: bytes are appended, and, where the channel can seek, filled in later.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FileOutput {
    private static final int ZERO_BYTES = 1 << 16;

    private final WritableByteChannel channel;
    private long end;

    private FileOutput(WritableByteChannel channel) {
        this.channel = channel;
    }

    /** Returns an output in order. */
    public static FileOutput inOrder(WritableByteChannel channel) {
        return new FileOutput(channel);
    }

    /**
     * Returns an output that can seek.
     *
     * @throws IllegalArgumentException if the channel can't
     */
    public static FileOutput seekable(WritableByteChannel channel, String format) {
        if (!(channel instanceof SeekableByteChannel)) {
            throw new IllegalArgumentException("a new " + format + " file needs a channel that can seek");
        }
        return new FileOutput(channel);
    }

    /** Returns the number of bytes that the file has so far; a skipped tail counts. */
    public long end() {
        return end;
    }

    /** Appends bytes and returns where the first one stands. */
    public long append(ByteBuffer bytes) throws IOException {
        long start = end;
        if (channel instanceof SeekableByteChannel seekable) {
            seekable.position(start);
        }
        end += bytes.remaining();
        writeFully(bytes);
        return start;
    }

    /** Appends zeros: by leaving them out where the channel can seek. */
    public void appendZeros(long length) throws IOException {
        if (channel instanceof SeekableByteChannel) {
            end += length;
            return;
        }
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(length, ZERO_BYTES));
        for (long left = length; left > 0; left -= zeros.limit()) {
            append(zeros.clear().limit((int) Math.min(left, zeros.capacity())));
        }
    }

    /** Appends zeros up to a multiple of {@code unit} bytes. */
    public void align(long unit) throws IOException {
        appendZeros(Math.floorMod(-end, unit));
    }

    /** Makes the file at least {@code size} bytes long. */
    public void extendTo(long size) throws IOException {
        if (((SeekableByteChannel) channel).size() < size) {
            writeAt(size - 1, ByteBuffer.allocate(1));
        }
    }

    /** Fills in bytes of what was appended or skipped. */
    public void writeAt(long position, ByteBuffer bytes) throws IOException {
        ((SeekableByteChannel) channel).position(position);
        writeFully(bytes);
    }

    /** Makes the file as long as it was said to be, if its tail was skipped. */
    public void complete() throws IOException {
        if (channel instanceof SeekableByteChannel) {
            extendTo(end);
        }
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
