package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A page of an index: what a range of the disk is. A leaf holds the range's extents, an inner page other pages.
 *
 * <p>The payload of a page is its <em>map</em>: it says what the bytes are and is what the page's hash covers, so that a hash
 * stands for content, wherever it is kept. The table says where things are. All maps start so:
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

    /** The most bytes of the whole record. */
    public static final int MAX_LENGTH = RecordSeal.TABLE_START + 2 * Limits.MAX_PAGE;

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

    /** Returns where the page's range ends on the disk, in bytes. */
    public final long end() {
        return diskOffset + length;
    }

    /** Returns the hash of the page's map. */
    public final Sha256 hash() {
        return hash;
    }

    /**
     * Reads a page and checks that it agrees with itself.
     *
     * @param packs the packs that it may name
     * @throws CorruptImageException if it contradicts itself or goes over the format's limits
     */
    public static IndexPage decode(StoredRecord record, Packs packs) throws IOException {
        if (record.table().remaining() > Limits.MAX_PAGE) {
            throw record.corrupt(
                    "page table of " + record.table().remaining() + " bytes, expected at most " + Limits.MAX_PAGE);
        }
        ByteBuffer map = record.decodedPayload(Limits.MAX_PAGE);
        ByteReader in = ByteReader.of(
                map,
                ByteOrder.LITTLE_ENDIAN,
                record.resource(),
                record.location().packOffset());
        int level = in.readU8();
        in.skipZeros(3);
        int entryCount = in.readI32();
        int blockCount = in.readI32();
        in.skipZeros(4);
        long diskOffset = in.readU63("page disk offset");
        long length = in.readU63("page length");
        if (diskOffset + length < 0 || level >= Limits.MAX_LEVELS) {
            throw record.corrupt("page of level " + level + " for " + length + " bytes at disk offset " + diskOffset);
        }
        Head head = new Head(level, entryCount, blockCount, diskOffset, length);
        return level == 0
                ? LeafPage.decode(head, in, map, record, packs)
                : InnerPage.decode(head, in, map, record, packs);
    }

    /**
     * Returns the hash of a page, of which nothing else is looked at.
     *
     * @throws CorruptImageException if its map does not decode
     */
    public static Sha256 hashOf(StoredRecord record) throws CorruptImageException {
        return HashDomain.PAGE.hash(record.decodedPayload(Limits.MAX_PAGE));
    }

    /** What all maps start with. */
    record Head(int level, int entryCount, int blockCount, long diskOffset, long length) {
        void encode(ByteBuffer target) {
            target.putInt(level).putInt(entryCount).putInt(blockCount).putInt(0);
            target.putLong(diskOffset).putLong(length);
        }

        long end() {
            return diskOffset + length;
        }
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
}
