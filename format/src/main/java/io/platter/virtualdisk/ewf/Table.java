package io.platter.virtualdisk.ewf;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where a table of chunks is in an EWF segment file.
 *
 * @param file the segment file
 * @param entriesOffset where the table's entries stand, in bytes from the start of the file
 * @param copyOffset where those of its copy stand, or -1 if there is no copy
 * @param checked whether a checksum stands after the entries
 * @param count how many entries it has, each for a chunk
 * @param base what the entries' offsets count from
 * @param dataStart where the chunks start, in bytes from the start of the file
 * @param dataEnd where they end
 */
record Table(
        BlockDevice file,
        long entriesOffset,
        long copyOffset,
        boolean checked,
        int count,
        long base,
        long dataStart,
        long dataEnd) {
    /** The most entries of a table that are read. EnCase writes up to 65534. */
    static final int MAX_ENTRIES = 1 << 20;

    static final int ENTRY_LENGTH = 4;

    private static final int HEADER_LENGTH = 24;
    private static final int HEADER_CHECKSUM_OFFSET = 20;
    private static final int CHECKSUM_LENGTH = 4;

    /**
     * Reads a table's header.
     *
     * @param table the section of the type table
     * @param copy the section of the type table2, or null if there is none
     * @param sectors the section that holds the chunks, or null if the table holds them after its entries
     * @param checked whether a checksum stands after the entries
     */
    static Table read(Section table, @Nullable Section copy, @Nullable Section sectors, boolean checked)
            throws IOException {
        ByteReader header = readEither(() -> readHeader(table), copy == null ? null : () -> readHeader(copy));
        long count = header.seek(0).readU32();
        if (count > MAX_ENTRIES) {
            throw new UnsupportedImageException(
                    header.resource(), "a table of " + count + " chunks, where at most " + MAX_ENTRIES + " are read");
        }
        long base = header.skip(4).readU63("base offset");
        long entriesOffset = table.start() + HEADER_LENGTH;
        long entriesEnd = count * ENTRY_LENGTH + (checked ? CHECKSUM_LENGTH : 0) + HEADER_LENGTH;
        if (entriesEnd > table.length() || base > table.file().size()) {
            throw header.corrupt(0, "table of " + count + " chunks from offset " + base + " on");
        }
        return new Table(
                table.file(),
                entriesOffset,
                copy != null && entriesEnd <= copy.length() ? copy.start() + HEADER_LENGTH : -1,
                checked,
                (int) count,
                base,
                sectors == null ? table.start() + entriesEnd : sectors.start(),
                sectors == null ? table.end() : sectors.end());
    }

    private static ByteReader readHeader(Section table) throws IOException {
        ByteReader header = table.read(HEADER_LENGTH);
        Section.check(header, HEADER_CHECKSUM_OFFSET, "table header");
        return header;
    }

    /** Where the chunks of a table are. */
    static final class Entries {
        /** The highest bit of an entry tells that the chunk is compressed. */
        private static final int COMPRESSED = 0x8000_0000;

        private final Table table;
        private final int[] offsets;
        private final int firstUnflagged;

        private Entries(Table table, int[] offsets) {
            this.table = table;
            this.offsets = offsets;
            this.firstUnflagged = firstUnflagged(offsets);
        }

        /** Returns the segment file that holds the chunks. */
        BlockDevice file() {
            return table.file;
        }

        boolean isCompressed(int entry) {
            return entry < firstUnflagged && (offsets[entry] & COMPRESSED) != 0;
        }

        /** Returns where a chunk stands, in bytes from the start of the file. */
        long start(int entry) {
            int offset = entry < firstUnflagged ? offsets[entry] & ~COMPRESSED : offsets[entry];
            return table.base + Integer.toUnsignedLong(offset);
        }

        /** Returns where a chunk ends: where the next one starts. */
        long end(int entry) {
            return entry + 1 < offsets.length ? start(entry + 1) : table.dataEnd;
        }

        /**
         * Returns the first entry whose highest bit belongs to its offset, or the count. EnCase 6.7 wrote on so, without
         * compression, where a table's chunks took more than 2 GiB.
         */
        private static int firstUnflagged(int[] offsets) {
            for (int entry = 1; entry < offsets.length; entry++) {
                int before = offsets[entry - 1] & ~COMPRESSED;
                if (offsets[entry] < 0 && (offsets[entry] & ~COMPRESSED) < before) {
                    return entry;
                }
            }
            return offsets.length;
        }
    }

    /** Reads the entries, from the copy if they are damaged, and checks that their chunks do not overlap. */
    Entries readEntries() throws IOException {
        return readEither(() -> readEntries(entriesOffset), copyOffset < 0 ? null : () -> readEntries(copyOffset));
    }

    /** Reads what is there once or twice. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** Reads the first of two, or the copy if that is damaged; if both are, the first failure tells. */
    private static <T> T readEither(Reading<T> first, @Nullable Reading<T> copy) throws IOException {
        try {
            return first.read();
        } catch (CorruptImageException e) {
            if (copy == null) {
                throw e;
            }
            try {
                return copy.read();
            } catch (CorruptImageException again) {
                e.addSuppressed(again);
                throw e;
            }
        }
    }

    private Entries readEntries(long offset) throws IOException {
        int length = count * ENTRY_LENGTH;
        ByteReader reader =
                ByteReader.read(file, offset, length + (checked ? CHECKSUM_LENGTH : 0), ByteOrder.LITTLE_ENDIAN);
        if (checked) {
            Section.check(reader, length, "table");
        }
        reader.seek(0);
        int[] offsets = new int[count];
        for (int entry = 0; entry < count; entry++) {
            offsets[entry] = reader.readI32();
        }
        Entries entries = new Entries(this, offsets);
        for (int entry = 0; entry < count; entry++) {
            if (entries.start(entry) < dataStart || entries.start(entry) >= entries.end(entry)) {
                throw reader.corrupt(
                        entry * ENTRY_LENGTH,
                        "chunk at " + entries.start(entry) + " up to " + entries.end(entry)
                                + ", expected after the one before, from " + dataStart + " to " + dataEnd);
            }
        }
        return entries;
    }
}
