package io.platter.engine.store;

import io.platter.engine.pack.Storage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that is made in memory, in pieces of 1 MiB, which are used again for the next one.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class MemoryFile implements Storage {
    private static final int PIECE = 1 << 20;

    private final String name;
    private final List<ByteBuffer> pieces = new ArrayList<>();
    private long length;

    /** Creates a file without a byte, with a name by which messages call it. */
    public MemoryFile(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void write(ByteBuffer bytes, long position) {
        if (position < length) {
            throw new IllegalStateException("write at " + position + " of a pack of " + length + " bytes");
        }
        length = position;
        while (bytes.hasRemaining()) {
            int number = (int) (length / PIECE);
            if (number == pieces.size()) {
                pieces.add(ByteBuffer.allocateDirect(PIECE));
            }
            ByteBuffer piece = pieces.get(number);
            int at = (int) (length % PIECE);
            int count = Math.min(PIECE - at, bytes.remaining());
            piece.put(at, bytes, bytes.position(), count);
            bytes.position(bytes.position() + count);
            length += count;
        }
    }

    /** Returns all bytes, as views that stay valid until {@link #clear}. */
    public List<ByteBuffer> bytes() {
        List<ByteBuffer> views = new ArrayList<>();
        for (long start = 0; start < length; start += PIECE) {
            views.add(pieces.get((int) (start / PIECE)).slice(0, (int) Math.min(PIECE, length - start)));
        }
        return views;
    }

    /** Forgets all bytes. */
    void clear() {
        length = 0;
    }

    @Override
    public void flush() {}

    @Override
    public void force() {}

    @Override
    public void close() {}
}
