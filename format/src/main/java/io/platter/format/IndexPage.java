package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A page of an index: what a range of the disk is. A leaf holds the range's extents, an inner page other pages.
 *
 * <p>A page is two parts. The <em>map part</em> says what the bytes are and is what the page's hash covers, so that a
 * hash stands for content, wherever it is kept. The <em>location part</em> says where things are. Both kinds start so:
 *
 * <pre>
 *  0  1  level       0 for a leaf
 *  1  3  reserved    0
 *  4  4  entryCount  extents of a leaf, children of an inner page
 *  8  4  blockCount  blocks of a leaf; 0 in an inner page
 * 12  4  reserved    0
 * 16  8  diskOffset  where the range starts
 * 24  8  length      how long it is, in bytes
 * </pre>
 */
public abstract sealed class IndexPage permits LeafPage, InnerPage {
    static final int HEADER_LENGTH = 32;

    private final long diskOffset;
    private final long length;
    private final Sha256 hash;

    IndexPage(long diskOffset, long length, Sha256 hash) {
        this.diskOffset = diskOffset;
        this.length = length;
        this.hash = hash;
    }

    /** Returns how far above the leaves the page is: 0 for a leaf. */
    public abstract int level();

    /** Returns where the page's range starts on the disk, in bytes. */
    public final long diskOffset() {
        return diskOffset;
    }

    /** Returns how long the page's range is, in bytes. */
    public final long length() {
        return length;
    }

    /** Returns the hash of the page's map part. */
    public final Sha256 hash() {
        return hash;
    }

    /**
     * Reads a page and checks that it agrees with itself.
     *
     * @param plain the decoded page
     * @param resource the name of the file
     * @param recordOffset where the page's record starts
     * @throws CorruptImageException if it contradicts itself or goes over the format's limits
     * @throws UnsupportedImageException if it refers to a parent image, which this version does not know
     */
    public static IndexPage decode(ByteBuffer plain, String resource, long recordOffset)
            throws CorruptImageException, UnsupportedImageException {
        ByteBuffer bytes = plain.slice().order(ByteOrder.LITTLE_ENDIAN);
        ByteReader in = ByteReader.of(bytes, ByteOrder.LITTLE_ENDIAN, resource, recordOffset);
        int level = in.readU8();
        in.skip(3);
        int entryCount = in.readI32();
        int blockCount = in.readI32();
        in.skip(4);
        long diskOffset = in.readU63("page disk offset");
        long length = in.readU63("page length");
        if (diskOffset + length < 0 || level >= Limits.MAX_LEVELS) {
            throw in.corrupt(0, "page of level " + level + " for " + length + " bytes at disk offset " + diskOffset);
        }
        return level == 0
                ? LeafPage.decode(in, bytes, entryCount, blockCount, diskOffset, length)
                : InnerPage.decode(in, bytes, level, entryCount, blockCount, diskOffset, length);
    }

    static void encodeHeader(
            ByteBuffer target, int level, int entryCount, int blockCount, long diskOffset, long length) {
        target.putInt(level).putInt(entryCount).putInt(blockCount).putInt(0);
        target.putLong(diskOffset).putLong(length);
    }

    /** Checks a count from a file against the bytes that are left, so that what follows may rely on it. */
    static int checkCount(ByteReader in, String what, int count, int entryLength) throws CorruptImageException {
        if (count < 0 || count > in.remaining() / entryLength) {
            throw in.corrupt(
                    in.position(),
                    Integer.toUnsignedString(count) + " " + what + " of " + entryLength + " bytes, but "
                            + in.remaining() + " bytes left");
        }
        return count;
    }

    static void checkEnd(ByteReader in) throws CorruptImageException {
        if (in.remaining() != 0) {
            throw in.corrupt(in.position(), in.remaining() + " bytes behind the page's end, expected 0");
        }
    }
}
