package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import io.platter.image.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image uses of a pack, in cells of 64 KiB: those in which a record starts to which it refers, and those in which it
 * has bytes.
 *
 * <pre>
 * payload:
 *   packs   each: id (16), starts (128), touched (128): 1024 bits each, that of the first cell lowest
 * </pre>
 *
 * @param pack the pack
 * @param cells what is used of it
 */
public record PackUsage(FileId pack, Cells cells) {
    /** The binary logarithm of the length of a cell in bytes. */
    private static final int CELL_LOG = 16;

    /** How many words a pack's cells take: those of 64 MiB. */
    private static final int WORDS = 16;

    private static final int LENGTH = FileId.LENGTH + 2 * 8 * WORDS;

    /** The most packs of one record. */
    public static final int MOST = Limits.MAX_FRAME / LENGTH;

    /**
     * Cells of a pack.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Cells {
        private final long[] starts = new long[WORDS];
        private final long[] touched = new long[WORDS];

        /** Creates cells of which none is used. */
        public Cells() {}

        /** Adds a record. */
        public void add(RecordLocation record) {
            set(starts, record.packOffset() >>> CELL_LOG);
            for (long cell = record.packOffset() >>> CELL_LOG; cell <= (record.end() - 1) >>> CELL_LOG; cell++) {
                set(touched, cell);
            }
        }

        private static void set(long[] words, long cell) {
            words[Math.toIntExact(cell >>> 6)] |= 1L << cell;
        }

        /** Adds all that others have. */
        public void addAll(Cells others) {
            for (int word = 0; word < WORDS; word++) {
                starts[word] |= others.starts[word];
                touched[word] |= others.touched[word];
            }
        }

        /** Tells whether a record that starts at an offset of the pack may be one that is used. */
        public boolean hasStart(long packOffset) {
            long cell = packOffset >>> CELL_LOG;
            return (starts[Math.toIntExact(cell >>> 6)] & 1L << cell) != 0;
        }

        /** Takes out the cells in which records start. */
        public void removeStarts(Iterable<Long> packOffsets) {
            for (long packOffset : packOffsets) {
                long cell = packOffset >>> CELL_LOG;
                starts[Math.toIntExact(cell >>> 6)] &= ~(1L << cell);
            }
        }

        /** Tells whether nothing is used. */
        public boolean isEmpty() {
            for (long word : starts) {
                if (word != 0) {
                    return false;
                }
            }
            return true;
        }

        /** Returns about how many bytes are used: those of all cells that are touched. */
        public long bytes() {
            long cells = 0;
            for (long word : touched) {
                cells += Long.bitCount(word);
            }
            return cells << CELL_LOG;
        }

        private void encode(ByteBuffer target) {
            for (long word : starts) {
                target.putLong(word);
            }
            for (long word : touched) {
                target.putLong(word);
            }
        }

        private static Cells decode(ByteReader in) throws CorruptImageException {
            Cells cells = new Cells();
            for (int word = 0; word < WORDS; word++) {
                cells.starts[word] = in.readI64();
            }
            for (int word = 0; word < WORDS; word++) {
                cells.touched[word] = in.readI64();
            }
            return cells;
        }
    }

    /** Returns the payload of a record. */
    public static ByteBuffer encode(List<PackUsage> packs) {
        ByteBuffer plain = ByteBuffer.allocate(packs.size() * LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        for (PackUsage usage : packs) {
            usage.pack.encode(plain);
            usage.cells.encode(plain);
        }
        return plain.flip();
    }

    /**
     * Reads a record.
     *
     * @throws CorruptImageException if it contradicts itself
     */
    public static List<PackUsage> decode(StoredRecord record) throws CorruptImageException {
        ByteBuffer plain = record.withoutTable().decodedPayload(Limits.MAX_FRAME);
        if (plain.remaining() % LENGTH != 0) {
            throw record.corrupt("usage of " + plain.remaining() + " bytes, expected a multiple of " + LENGTH);
        }
        ByteReader in = ByteReader.of(
                plain,
                ByteOrder.LITTLE_ENDIAN,
                record.resource(),
                record.location().packOffset());
        List<PackUsage> packs = new ArrayList<>();
        while (in.remaining() > 0) {
            packs.add(new PackUsage(FileId.decode(in), Cells.decode(in)));
        }
        return packs;
    }
}
