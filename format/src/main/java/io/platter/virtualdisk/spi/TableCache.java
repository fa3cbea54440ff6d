package io.platter.virtualdisk.spi;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.bytes.LruCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Numbers of a file's tables, read by the page when they are touched; at most 4 MiB of pages are kept.
 *
 * <p>Safe for use by several threads.
 */
public final class TableCache {
    private static final int PAGE = 4096;
    private static final int PAGES = 1024;

    private final BlockDevice file;
    private final LruCache<ByteBuffer> pages;

    /** Creates a cache for tables in a file, which stays open. */
    public TableCache(BlockDevice file, ByteOrder order) {
        this.file = file;
        this.pages = new LruCache<>(PAGES, page -> {
            long start = page * PAGE;
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(PAGE, file.size() - start));
            file.read(bytes, start);
            return bytes.flip().order(order);
        });
    }

    /**
     * Returns the four bytes at a multiple of four.
     *
     * @throws CorruptImageException if they are not in the file
     */
    public int readI32(long fileOffset) throws IOException {
        return page(fileOffset, Integer.BYTES).getInt((int) (fileOffset % PAGE));
    }

    /**
     * Returns the unsigned number in the four bytes at a multiple of four.
     *
     * @throws CorruptImageException if they are not in the file
     */
    public long readU32(long fileOffset) throws IOException {
        return Integer.toUnsignedLong(readI32(fileOffset));
    }

    /**
     * Returns the eight bytes at a multiple of eight.
     *
     * @throws CorruptImageException if they are not in the file
     */
    public long readI64(long fileOffset) throws IOException {
        return page(fileOffset, Long.BYTES).getLong((int) (fileOffset % PAGE));
    }

    private ByteBuffer page(long fileOffset, int length) throws IOException {
        if (fileOffset < 0 || fileOffset > file.size() - length) {
            throw new CorruptImageException(
                    file.name(), fileOffset, "table entry past the end of the file of " + file.size() + " bytes");
        }
        return pages.get(fileOffset / PAGE);
    }
}
