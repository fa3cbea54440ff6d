package io.platter.virtualdisk.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A table of a new file whose entries, all of four bytes or all of eight, become known in order, while the data after it is written.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class TableOutput {
    private static final int BUFFERED = 1 << 16;

    private final FileOutput file;
    private final ByteBuffer buffer;
    private long position;

    /** Starts a table at an offset of a file. */
    public TableOutput(FileOutput file, long offset, ByteOrder order) {
        this.file = file;
        this.position = offset;
        this.buffer = ByteBuffer.allocate(BUFFERED).order(order);
    }

    /** Adds an entry of four bytes {@code count} times. */
    public void add(int entry, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            buffer.putInt(entry);
        }
    }

    /** Adds an entry of eight bytes {@code count} times. */
    public void addLong(long entry, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            buffer.putLong(entry);
        }
    }

    /** Writes what is not yet written. */
    public void flush() throws IOException {
        int length = buffer.position();
        file.writeAt(position, buffer.flip());
        position += length;
        buffer.clear();
    }
}
