package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the list of all frames and pages of a file, with the hashes of their blocks: what somebody who appends must know,
 * in one place.
 *
 * <pre>
 * table:
 *  0 16  previous    the part before, or nothing
 * 16  4  frameCount
 * 20  4  pageCount
 * 24  4  blockCount
 * 28  4  reserved    0
 * 32  8  allBlocks   blocks of this part and of all before it
 * 40     packs       see {@link PackTable}; none in a file that lists itself
 * payload, stored:
 *        frames      each: location (16), number of blocks (4)
 *        pages       each: location (16), hash (32)
 *        hashes      32 each, of the frames' blocks in their order
 * </pre>
 *
 * <p>Immutable, as long as the record's bytes are.
 */
public final class Catalog {
    private static final int TABLE_LENGTH = 40;
    private static final int FRAME_LENGTH = RecordLocation.LENGTH + 4;
    private static final int PAGE_LENGTH = RecordLocation.LENGTH + Sha256.LENGTH;

    /** The most packs that one part names. */
    private static final int MAX_PACKS = 4096;

    /** The most bytes of the whole record. */
    public static final int MAX_LENGTH =
            RecordSeal.TABLE_START + TABLE_LENGTH + MAX_PACKS * FileId.LENGTH + Limits.MAX_CATALOG;

    private final RecordLocation previous;
    private final long allBlocks;
    private final List<ListedFrame> frames;
    private final List<ListedPage> pages;
    private final ByteBuffer hashes;

    private Catalog(
            RecordLocation previous,
            long allBlocks,
            List<ListedFrame> frames,
            List<ListedPage> pages,
            ByteBuffer hashes) {
        this.previous = previous;
        this.allBlocks = allBlocks;
        this.frames = frames;
        this.pages = pages;
        this.hashes = hashes;
    }

    /**
     * A frame.
     *
     * <p>Immutable.
     *
     * @param location where it is
     * @param blocks how many blocks it has
     */
    public record ListedFrame(RecordLocation location, int blocks) {}

    /**
     * A page.
     *
     * <p>Immutable.
     *
     * @param location where it is
     * @param hash its hash
     */
    public record ListedPage(RecordLocation location, Sha256 hash) {}

    /** Returns the part before, or nothing. */
    public RecordLocation previous() {
        return previous;
    }

    /** Returns how many blocks this part and all before it have. */
    public long allBlocks() {
        return allBlocks;
    }

    /** Returns the frames of this part. */
    public List<ListedFrame> frames() {
        return frames;
    }

    /** Returns the pages of this part. */
    public List<ListedPage> pages() {
        return pages;
    }

    /** Copies the hash of a block, counted over the frames of this part, to the start of {@code target}. */
    public void hash(int block, byte[] target) {
        hashes.get(block * Sha256.LENGTH, target, 0, Sha256.LENGTH);
    }

    /**
     * Reads a part and checks that it agrees with itself.
     *
     * @param packs the packs that it may name
     * @throws CorruptImageException if it contradicts itself
     */
    public static Catalog decode(StoredRecord record, Packs packs) throws IOException {
        ByteReader table = record.tableReader();
        int packsLength = table.remaining() - TABLE_LENGTH;
        if (packsLength < 0
                || packsLength % FileId.LENGTH != 0
                || packsLength > MAX_PACKS * FileId.LENGTH
                || record.codec() != Codec.STORED
                || record.plainLength() > Limits.MAX_CATALOG) {
            throw record.corrupt("catalog with a table of " + table.remaining() + " bytes and a payload of "
                    + record.plainLength() + " by codec " + record.codec() + ", expected " + TABLE_LENGTH
                    + ", at most " + Limits.MAX_CATALOG + " and 0");
        }
        RecordLocation previous = RecordLocation.decode(table, record.location().packOffset());
        long frameCount = table.readU32();
        long pageCount = table.readU32();
        long blockCount = table.readU32();
        table.skipZeros(4);
        long allBlocks = table.readU63("blocks");
        PackTable named = PackTable.decode(table, packsLength / FileId.LENGTH, record, packs, "catalog");
        if (allBlocks < blockCount || allBlocks > record.location().end() / Sha256.LENGTH) {
            throw record.corrupt("catalog of " + blockCount + " blocks, " + allBlocks + " with those before it, in "
                    + record.location().end() + " bytes");
        }
        long length = frameCount * FRAME_LENGTH + pageCount * PAGE_LENGTH + blockCount * Sha256.LENGTH;
        if (length != record.plainLength()) {
            throw record.corrupt("catalog of " + frameCount + " frames, " + pageCount + " pages and " + blockCount
                    + " blocks in " + record.plainLength() + " bytes, expected " + length);
        }
        ByteReader in = ByteReader.of(
                record.payload(),
                ByteOrder.LITTLE_ENDIAN,
                record.resource(),
                record.location().packOffset());
        List<ListedFrame> frames = new ArrayList<>((int) frameCount);
        long blocks = 0;
        for (long i = 0; i < frameCount; i++) {
            RecordLocation location = named.present(in, "frame");
            int ofFrame = in.readI32();
            if (ofFrame < 1 || ofFrame > Limits.MAX_FRAME_BLOCKS) {
                throw record.corrupt("catalog of a frame with " + Integer.toUnsignedString(ofFrame)
                        + " blocks, expected 1 to " + Limits.MAX_FRAME_BLOCKS);
            }
            frames.add(new ListedFrame(location, ofFrame));
            blocks += ofFrame;
        }
        if (blocks != blockCount) {
            throw record.corrupt("catalog of frames with " + blocks + " blocks, expected " + blockCount);
        }
        List<ListedPage> pages = new ArrayList<>((int) pageCount);
        for (long i = 0; i < pageCount; i++) {
            pages.add(new ListedPage(named.present(in, "page"), Sha256.decode(in)));
        }
        return new Catalog(
                previous,
                allBlocks,
                List.copyOf(frames),
                List.copyOf(pages),
                record.payload().slice(in.position(), in.remaining()));
    }

    /**
     * Gathers a part.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private final ByteBuffer frames =
                ByteBuffer.allocate(Limits.MAX_CATALOG / 8).order(ByteOrder.LITTLE_ENDIAN);
        private final ByteBuffer pages =
                ByteBuffer.allocate(Limits.MAX_CATALOG / 8).order(ByteOrder.LITTLE_ENDIAN);
        private final ByteBuffer hashes = ByteBuffer.allocate(Limits.MAX_CATALOG * 3 / 4);
        private final PackTable.Builder packs;
        private long allBlocks;

        /**
         * Creates a builder of a part without anything, in a file that lists itself.
         *
         * @param blocksBefore how many blocks the parts before have
         */
        public Builder(long blocksBefore) {
            this(blocksBefore, PackTable.Names.NONE);
        }

        /**
         * Creates a builder of a part without anything.
         *
         * @param blocksBefore how many blocks the parts before have
         * @param names the packs that are listed
         */
        public Builder(long blocksBefore, PackTable.Names names) {
            this.allBlocks = blocksBefore;
            this.packs = new PackTable.Builder(names);
        }

        /** Tells whether nothing was added yet. */
        public boolean isEmpty() {
            return frames.position() == 0 && pages.position() == 0;
        }

        /** Tells whether a page, and a frame of so many blocks, are sure to fit. */
        public boolean hasRoom(int blocks) {
            return packs.count() <= MAX_PACKS - 2
                    && frames.remaining() >= FRAME_LENGTH
                    && pages.remaining() >= PAGE_LENGTH
                    && hashes.remaining() >= blocks * Sha256.LENGTH;
        }

        /**
         * Adds a frame.
         *
         * @param table its table, from position to limit
         */
        public void addFrame(RecordLocation location, ByteBuffer table) {
            int blocks = table.remaining() / BlockTable.ENTRY_LENGTH;
            allBlocks += blocks;
            packs.inRecord(location).encode(frames);
            frames.putInt(blocks);
            for (int slot = 0; slot < blocks; slot++) {
                hashes.put(hashes.position(), table, table.position() + slot * BlockTable.ENTRY_LENGTH, Sha256.LENGTH);
                hashes.position(hashes.position() + Sha256.LENGTH);
            }
        }

        /** Adds a page. */
        public void addPage(RecordLocation location, Sha256 hash) {
            packs.inRecord(location).encode(pages);
            hash.encode(pages);
        }

        /** Returns the whole record, and forgets all. */
        public ByteBuffer encode(RecordLocation previous) {
            ByteBuffer table =
                    ByteBuffer.allocate(TABLE_LENGTH + packs.length()).order(ByteOrder.LITTLE_ENDIAN);
            previous.encode(table);
            table.putInt(frames.position() / FRAME_LENGTH)
                    .putInt(pages.position() / PAGE_LENGTH)
                    .putInt(hashes.position() / Sha256.LENGTH)
                    .putInt(0)
                    .putLong(allBlocks);
            packs.encode(table);
            packs.clear();
            ByteBuffer payload = ByteBuffer.allocate(frames.position() + pages.position() + hashes.position());
            payload.put(frames.flip()).put(pages.flip()).put(hashes.flip()).flip();
            frames.clear();
            pages.clear();
            hashes.clear();
            return new RecordSeal().seal(RecordType.CATALOG, table.flip(), payload);
        }
    }
}
