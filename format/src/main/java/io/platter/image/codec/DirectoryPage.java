package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A page of the directory in which the images of a file are found by their number: a tree with at most 64 entries a page.
 *
 * <pre>
 * payload, the map:
 *  0  1  level        0: the entries are images
 *  1  3  reserved     0
 *  4  4  firstNumber  the first image that the page has
 *  8  4  imageCount   images in or below the page
 * 12  4  reserved     0
 * 16     hashes       32 each: ids of images, or hashes of pages below
 * table:
 *        locations    16 each: of IMAGE records, or of pages below
 * </pre>
 *
 * <p>Immutable.
 *
 * @param level how far above the images the page is
 * @param firstNumber the number of the first image in or below the page
 * @param imageCount how many images are in or below the page
 * @param entries what the page has
 */
public record DirectoryPage(int level, int firstNumber, int imageCount, List<Entry> entries) {
    private static final int MAP_HEADER_LENGTH = 16;
    private static final int FANOUT_LOG = 6;
    private static final int MAX_LEVEL = 5;

    /** The most bytes of the whole record. */
    public static final int MAX_LENGTH =
            RecordSeal.TABLE_START + MAP_HEADER_LENGTH + (1 << FANOUT_LOG) * (RecordLocation.LENGTH + Sha256.LENGTH);

    /** Copies the entries. */
    public DirectoryPage {
        entries = List.copyOf(entries);
    }

    /**
     * An image or a page.
     *
     * <p>Immutable.
     *
     * @param hash the id of an image, or the hash of a page
     * @param location where it is
     */
    public record Entry(Sha256 hash, RecordLocation location) {}

    /** Returns how many images one entry of a page of a level has below it. */
    private static long span(int level) {
        return 1L << (FANOUT_LOG * level);
    }

    /** Returns the level of the topmost page of a directory of so many images. */
    public static int topLevel(int imageCount) {
        int level = 0;
        while (span(level + 1) < imageCount) {
            level++;
        }
        return level;
    }

    /** Returns which entry of a page of a level leads to an image. */
    public static int entryOf(int number, int level) {
        return ((number - 1) >>> (FANOUT_LOG * level)) & ((1 << FANOUT_LOG) - 1);
    }

    /** Returns the number of the first image in or below the page of a level that leads to an image. */
    public static int firstNumberOf(int number, int level) {
        return (int) ((number - 1) / span(level + 1) * span(level + 1)) + 1;
    }

    /** Returns how many images the page of a level that leads to an image has, in a directory of so many images. */
    public static int imageCountOf(int number, int level, int allImages) {
        return (int) Math.min(span(level + 1), allImages - firstNumberOf(number, level) + 1L);
    }

    /** Returns the hash of the page. */
    public Sha256 hash() {
        return HashDomain.DIRECTORY.hash(map());
    }

    private ByteBuffer map() {
        ByteBuffer map = ByteBuffer.allocate(MAP_HEADER_LENGTH + entries.size() * Sha256.LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN);
        map.putInt(level).putInt(firstNumber).putInt(imageCount).putInt(0);
        entries.forEach(entry -> entry.hash.encode(map));
        return map.flip();
    }

    /** Returns the whole record. */
    public ByteBuffer encode() {
        ByteBuffer table =
                ByteBuffer.allocate(entries.size() * RecordLocation.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        entries.forEach(entry -> entry.location.encode(table));
        return new RecordSeal().seal(RecordType.DIRECTORY, table.flip(), map());
    }

    /**
     * Reads a page and checks that it agrees with itself.
     *
     * @throws CorruptImageException if it contradicts itself
     */
    public static DirectoryPage decode(StoredRecord record) throws CorruptImageException {
        ByteBuffer map = record.decodedPayload(MAX_LENGTH);
        ByteReader in = ByteReader.of(
                map,
                ByteOrder.LITTLE_ENDIAN,
                record.resource(),
                record.location().packOffset());
        int level = in.readU8();
        in.skipZeros(3);
        int firstNumber = in.readI32();
        int imageCount = in.readI32();
        in.skipZeros(4);
        boolean possible = level <= MAX_LEVEL
                && firstNumber >= 1
                && firstNumberOf(firstNumber, level) == firstNumber
                && imageCount >= 1
                && imageCount <= span(level + 1)
                && firstNumber + (imageCount - 1) >= 1;
        long count = possible ? (imageCount + span(level) - 1) / span(level) : 0;
        ByteReader locations = record.tableReader();
        if (!possible
                || in.remaining() != count * Sha256.LENGTH
                || locations.remaining() != count * RecordLocation.LENGTH) {
            throw record.corrupt("directory page of level " + level + " for "
                    + Integer.toUnsignedString(imageCount) + " images from " + Integer.toUnsignedString(firstNumber)
                    + " on, with hashes of " + in.remaining() + " and locations of " + locations.remaining()
                    + " bytes");
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(
                    Sha256.decode(in),
                    RecordLocation.decodePresent(locations, record.location().packOffset(), "entry " + i)));
        }
        return new DirectoryPage(level, firstNumber, imageCount, entries);
    }
}
