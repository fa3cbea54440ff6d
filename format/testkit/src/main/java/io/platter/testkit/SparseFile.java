package io.platter.testkit;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * A file of any size in memory that a writer of a disk format writes to: it keeps the pages that were written, and fails
 * the test when the writer reads, truncates or closes it, which a {@link io.platter.virtualdisk.VirtualDiskWriter} must
 * not do. {@link #device} reads what was written.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class SparseFile implements SeekableByteChannel {
    private static final int PAGE = 4096;
    private static final byte[] ZEROS = new byte[PAGE];

    private final Map<Long, byte[]> pages = new HashMap<>();
    private long position;
    private long size;

    /** Creates an empty file. */
    public SparseFile() {}

    /** Returns the file's bytes as a device of the size that the file has now. */
    public BlockDevice device() {
        long deviceSize = size;
        return new ReadOnlyDevice("sparse file", deviceSize) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                copyTo(target, offset);
            }
        };
    }

    /** Returns all bytes; for a small file only. */
    public byte[] toByteArray() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
        copyTo(bytes, 0);
        return bytes.array();
    }

    private void copyTo(ByteBuffer target, long from) {
        for (long offset = from; target.hasRemaining(); ) {
            int inPage = (int) (offset % PAGE);
            int length = Math.min(target.remaining(), PAGE - inPage);
            target.put(pages.getOrDefault(offset / PAGE, ZEROS), inPage, length);
            offset += length;
        }
    }

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        while (source.hasRemaining()) {
            int inPage = (int) (position % PAGE);
            int length = Math.min(source.remaining(), PAGE - inPage);
            source.get(pages.computeIfAbsent(position / PAGE, page -> new byte[PAGE]), inPage, length);
            position += length;
        }
        size = Math.max(size, position);
        return count;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        throw new IOException("a writer has no need to read");
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public SeekableByteChannel truncate(long newSize) throws IOException {
        throw new IOException("a writer has no need to truncate");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        throw new AssertionError("a writer must not close its output");
    }
}
