package io.platter.virtualdisk.partclone;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.LruCache;
import io.platter.bytes.SeededCrc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Which blocks of a partition are used, and how many used ones stand before each.
 *
 * <p>The bitmap is read once, to check and to count it; what is kept is a count for each page of 4096 bytes of it, so at
 * most 8 MiB, and a few pages. Safe for use by several threads.
 */
final class Bitmap {
    /** The largest bitmap that is read, in bytes: of 128 TiB in blocks of 4 KiB, or of 16 TiB in version 1. */
    private static final long MAX_LENGTH = 1L << 32;

    private static final int PAGE = 4096;
    private static final int CACHED_PAGES = 64;
    private static final int READ_AT_ONCE = 256 * PAGE;
    private static final long BYTE_MAGIC = ByteBuffer.wrap("BiTmAgIc".getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getLong();

    private final BlockDevice file;
    private final Header header;
    private final int pageBlocks;
    /** Of each page: how many blocks before it are used. Last, how many there are at all. */
    private final long[] usedBefore;

    private final LruCache<BitSet> pages = new LruCache<>(CACHED_PAGES, this::readPage);

    /**
     * Blocks one after the other that are all used, or all not.
     *
     * @param first the number of the first one
     * @param count how many they are
     * @param usedBefore how many used blocks stand before the first one; meaningful for used blocks only
     */
    record Span(long first, long count, boolean used, long usedBefore) {}

    private Bitmap(BlockDevice file, Header header, int pageCount) {
        this.file = file;
        this.header = header;
        this.pageBlocks = header.bitmapMode() == Header.BITMAP_BIT ? PAGE * Byte.SIZE : PAGE;
        this.usedBefore = new long[pageCount + 1];
    }

    /** Reads the bitmap, or, where there is none, makes one of used blocks only. */
    static Bitmap read(BlockDevice file, Header header) throws IOException {
        long length = length(header);
        if (length > file.size() - header.length() - endLength(header)) {
            throw new CorruptImageException(
                    file.name(),
                    header.length(),
                    "a bitmap of " + length + " bytes in a file of " + file.size() + " bytes");
        }
        if (length > MAX_LENGTH) {
            throw new UnsupportedImageException(
                    file.name(), "a bitmap of " + length + " bytes, where at most " + MAX_LENGTH + " are read");
        }
        Bitmap bitmap = new Bitmap(file, header, (int) ((length + PAGE - 1) / PAGE));
        bitmap.checkEnd(length, bitmap.countAll(length));
        return bitmap;
    }

    private static long length(Header header) {
        return switch (header.bitmapMode()) {
            case Header.BITMAP_BIT -> header.blocks() / Byte.SIZE + (header.blocks() % Byte.SIZE == 0 ? 0 : 1);
            case Header.BITMAP_BYTE -> header.blocks();
            default -> 0;
        };
    }

    /** Returns how many bytes stand after the bitmap: bits have a checksum, bytes a magic. */
    private static int endLength(Header header) {
        return switch (header.bitmapMode()) {
            case Header.BITMAP_BIT -> Strips.CRC_LENGTH;
            case Header.BITMAP_BYTE -> Long.BYTES;
            default -> 0;
        };
    }

    /** Counts the used blocks before each page, and returns the bitmap's checksum. */
    private int countAll(long length) throws IOException {
        SeededCrc crc = SeededCrc.crc32(-1);
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(READ_AT_ONCE, length));
        int page = 0;
        for (long done = 0; done < length; done += buffer.limit()) {
            file.read(buffer.clear().limit((int) Math.min(buffer.capacity(), length - done)), header.length() + done);
            crc.update(buffer.flip());
            for (int from = 0; from < buffer.limit(); from += PAGE) {
                ByteBuffer bytes = buffer.slice(from, Math.min(PAGE, buffer.limit() - from));
                usedBefore[page + 1] = usedBefore[page] + bits(bytes, page).cardinality();
                page++;
            }
        }
        return crc.value();
    }

    private void checkEnd(long length, int computed) throws IOException {
        long offset = header.length() + length;
        ByteBuffer end = ByteBuffer.allocate(endLength(header)).order(ByteOrder.LITTLE_ENDIAN);
        file.read(end, offset);
        if (end.capacity() == Strips.CRC_LENGTH && end.getInt(0) != computed) {
            throw new CorruptImageException(file.name(), offset, Header.mismatch("bitmap", end.getInt(0), computed));
        }
        if (end.capacity() == Long.BYTES && end.getLong(0) != BYTE_MAGIC) {
            throw new CorruptImageException(file.name(), offset, "magic \"BiTmAgIc\" expected after the bitmap");
        }
    }

    /** Returns the used blocks of a page as set bits. */
    private BitSet bits(ByteBuffer bytes, long page) {
        if (header.bitmapMode() == Header.BITMAP_BIT) {
            BitSet bits = BitSet.valueOf(bytes);
            bits.clear(blocksIn(page), pageBlocks);
            return bits;
        }
        BitSet bits = new BitSet(bytes.limit());
        for (int block = 0; block < bytes.limit(); block++) {
            if (bytes.get(block) == 1) {
                bits.set(block);
            }
        }
        return bits;
    }

    private int blocksIn(long page) {
        return (int) Math.min(pageBlocks, header.blocks() - page * pageBlocks);
    }

    private BitSet readPage(long page) throws IOException {
        int perByte = pageBlocks / PAGE;
        ByteBuffer bytes = ByteBuffer.allocate((blocksIn(page) + perByte - 1) / perByte);
        file.read(bytes, header.length() + page * PAGE);
        return bits(bytes.flip(), page);
    }

    /** Returns where the bitmap and what belongs to it ends, in bytes from the start of the file. */
    long end() {
        return header.length() + length(header) + endLength(header);
    }

    /** Returns how many blocks are used. */
    long used() {
        return header.bitmapMode() == Header.BITMAP_NONE ? header.blocks() : usedBefore[usedBefore.length - 1];
    }

    /** Returns the blocks of one kind around a block, as far as they are on one page. */
    Span spanAt(long block) throws IOException {
        if (header.bitmapMode() == Header.BITMAP_NONE) {
            return new Span(0, header.blocks(), true, 0);
        }
        long page = block / pageBlocks;
        int index = (int) (block % pageBlocks);
        BitSet bits = pages.get(page);
        boolean used = bits.get(index);
        int first = 1 + (used ? bits.previousClearBit(index) : bits.previousSetBit(index));
        int next = used ? bits.nextClearBit(index) : bits.nextSetBit(index);
        int end = next < 0 ? blocksIn(page) : Math.min(next, blocksIn(page));
        long before = used ? usedBefore[(int) page] + bits.get(0, first).cardinality() : 0;
        return new Span(page * pageBlocks + first, end - first, used, before);
    }
}
