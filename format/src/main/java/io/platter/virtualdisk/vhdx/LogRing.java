package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The sectors of the log of a VHDX file, whose last one is followed by its first one.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LogRing {
    /**
     * How often on average a sector may be read: a sound log needs three times. Entries that lie in each other would
     * have it read once for each of them.
     */
    private static final long READS_PER_SECTOR = 16;

    private final BlockDevice file;
    private final Header header;
    private final ByteBuffer sector = ByteBuffer.allocate(Layout.LOG_SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    private long readsLeft;

    LogRing(BlockDevice file, Header header) {
        this.file = file;
        this.header = header;
        this.readsLeft = READS_PER_SECTOR * header.logLength() / Layout.LOG_SECTOR;
    }

    /** Returns the length in bytes, less than 2³⁰. */
    int length() {
        return (int) header.logLength();
    }

    /** Returns which entries count. */
    UUID id() {
        return header.logId();
    }

    BlockDevice file() {
        return file;
    }

    /** Returns where in the file a sector stands. */
    long fileOffset(int position) {
        return header.logOffset() + position % length();
    }

    /** Tells whether a range of the file overlaps what the log must not change: the headers, and itself. */
    boolean isProtected(long fileOffset, long length) {
        long end = fileOffset + length;
        return fileOffset < Layout.REGION_TABLE_OFFSETS[0]
                || (fileOffset < header.logOffset() + length() && end > header.logOffset());
    }

    /**
     * Reads a sector.
     *
     * @param position in bytes from the start of the ring, less than twice its length
     * @return its bytes, until the next call
     */
    ByteBuffer read(int position) throws IOException {
        if (readsLeft-- == 0) {
            throw new CorruptImageException(file.name(), header.logOffset(), "log entries that overlap each other");
        }
        file.read(sector.clear(), fileOffset(position));
        return sector.flip();
    }
}
