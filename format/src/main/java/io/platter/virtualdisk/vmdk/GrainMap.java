package io.platter.virtualdisk.vmdk;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.bytes.LruCache;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.OverlapGuard;
import io.platter.virtualdisk.spi.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The grain directory and the grain tables of a sparse extent.
 *
 * <p>Where there is a redundant directory, its table counts if the first one's is damaged: if it, or a grain that it
 * points to, is not inside the file. Safe for use by several threads.
 */
final class GrainMap implements DiskMap {
    private static final int CACHED_TABLES = 256;
    private static final int DECODED_BYTES = 8 << 20;

    private final BlockDevice file;
    private final Header header;
    private final boolean compressed;
    private final LruCache<Table> tables;
    private final LruCache<ByteBuffer> decoded;
    private final OverlapGuard tableClaims;
    private final OverlapGuard grainClaims;

    GrainMap(BlockDevice file, Header header) {
        this.file = file;
        this.header = header;
        this.compressed = header.has(Layout.FLAG_COMPRESSED);
        this.tables = new LruCache<>(CACHED_TABLES, this::load);
        this.decoded = new LruCache<>(Math.min(64, DECODED_BYTES / header.grainSize()), this::decode);
        this.tableClaims = new OverlapGuard(file.name());
        this.grainClaims = new OverlapGuard(file.name());
    }

    /**
     * A grain table, or a run as large as one without a table.
     *
     * @param kind DATA for a table, else what the run is
     * @param directoryEntry where the directory's entry stands
     * @param fileOffset where the table stands
     * @param entries its entries
     */
    private record Table(Run.Kind kind, long directoryEntry, long fileOffset, ByteBuffer entries) {
        int count() {
            return entries.limit() / Integer.BYTES;
        }

        long entry(int index) {
            return Integer.toUnsignedLong(entries.getInt(Integer.BYTES * index));
        }

        long entryOffset(int index) {
            return fileOffset + (long) Integer.BYTES * index;
        }
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        long span = header.tableSpan();
        long index = diskOffset / span;
        Table table = tables.get(index);
        if (table.kind() != Run.Kind.DATA) {
            return Run.empty(index * span, Math.min(span, header.capacity() - index * span), table.kind());
        }
        long grain = diskOffset / header.grainSize();
        int inTable = (int) (grain % header.tableEntries());
        long start = grain * header.grainSize();
        int length = grainLength(grain);
        Run.Kind kind = kindOf(table.entry(inTable));
        if (kind != Run.Kind.DATA) {
            return Run.empty(start, length, kind);
        }
        if (!isInside(table, inTable, grain)) {
            throw new CorruptImageException(
                    file.name(),
                    table.entryOffset(inTable),
                    "grain at sector " + table.entry(inTable) + " of a file of " + file.size() + " bytes");
        }
        return compressed
                ? Run.made(
                        start,
                        length,
                        (target, offset) -> target.put(decoded.get(grain).slice((int) offset, target.remaining())),
                        0)
                : Run.stored(start, length, file, table.entry(inTable) * Layout.SECTOR);
    }

    /** Returns what an entry of the directory or of a table stands for: DATA if it points to something. */
    private Run.Kind kindOf(long entry) {
        if (entry == Layout.ABSENT) {
            return Run.Kind.PARENT;
        }
        return entry == Layout.ZEROED && header.has(Layout.FLAG_ZEROED_ENTRIES) ? Run.Kind.ZERO : Run.Kind.DATA;
    }

    /** Returns how much of a grain belongs to the disk, in bytes. */
    private int grainLength(long grain) {
        return (int) Math.min(header.grainSize(), header.capacity() - grain * header.grainSize());
    }

    private boolean isInside(Table table, int inTable, long grain) {
        int needed = compressed ? Layout.GRAIN_MARKER_LENGTH : grainLength(grain);
        return table.entry(inTable) * Layout.SECTOR <= file.size() - needed;
    }

    private Table load(long index) throws IOException {
        Table table = header.redundant() == 0 ? read(header.directory(), index) : readEither(index);
        if (table.kind() == Run.Kind.DATA) {
            tableClaims.once((int) index, places -> {
                places.add(table.fileOffset() / Layout.SECTOR / tableSectors(), table.directoryEntry());
            });
            grainClaims.once((int) index, places -> listGrains(places, table));
        }
        return table;
    }

    private Table readEither(long index) throws IOException {
        Optional<Table> whole = readIfWhole(header.directory(), index);
        if (whole.isEmpty()) {
            whole = readIfWhole(header.redundant(), index);
        }
        return whole.isPresent() ? whole.get() : read(header.directory(), index);
    }

    private Optional<Table> readIfWhole(long directory, long index) throws IOException {
        try {
            Table table = read(directory, index);
            for (int i = 0; i < table.count(); i++) {
                if (kindOf(table.entry(i)) == Run.Kind.DATA && !isInside(table, i, index * header.tableEntries() + i)) {
                    return Optional.empty();
                }
            }
            return Optional.of(table);
        } catch (CorruptImageException e) {
            return Optional.empty();
        }
    }

    private Table read(long directory, long index) throws IOException {
        long entryOffset = directory + Integer.BYTES * index;
        long entry = ByteReader.read(file, entryOffset, Integer.BYTES, ByteOrder.LITTLE_ENDIAN)
                .readU32();
        Run.Kind kind = kindOf(entry);
        if (kind != Run.Kind.DATA) {
            return new Table(kind, entryOffset, 0, ByteBuffer.allocate(0));
        }
        long fileOffset = entry * Layout.SECTOR;
        long left = header.capacity() - index * header.tableSpan();
        int count = (int) Math.min(header.tableEntries(), (left + header.grainSize() - 1) / header.grainSize());
        ByteBuffer entries = ByteBuffer.allocate(Integer.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
        if (fileOffset > file.size() - entries.capacity()) {
            throw new CorruptImageException(
                    file.name(),
                    entryOffset,
                    "grain table at sector " + entry + " of a file of " + file.size() + " bytes");
        }
        file.read(entries, fileOffset);
        return new Table(kind, entryOffset, fileOffset, entries.flip());
    }

    private long tableSectors() {
        return Math.max(1, (long) Integer.BYTES * header.tableEntries() / Layout.SECTOR);
    }

    /** Lists where grains are: those that do not overlap start so far apart that these numbers differ. */
    private void listGrains(OverlapGuard.Places places, Table table) {
        long apart = compressed ? 1 : header.grainSize() / Layout.SECTOR;
        for (int i = 0; i < table.count(); i++) {
            if (kindOf(table.entry(i)) == Run.Kind.DATA) {
                places.add(table.entry(i) / apart, table.entryOffset(i));
            }
        }
    }

    /** Returns a compressed grain's bytes, filled up with zeros if it is the disk's last one. */
    private ByteBuffer decode(long grain) throws IOException {
        Table table = tables.get(grain / header.tableEntries());
        long fileOffset = table.entry((int) (grain % header.tableEntries())) * Layout.SECTOR;
        ByteBuffer marker = ByteBuffer.allocate(Layout.GRAIN_MARKER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        file.read(marker, fileOffset);
        long diskSector = marker.getLong(0);
        long length = Integer.toUnsignedLong(marker.getInt(Long.BYTES));
        long expected = grain * (header.grainSize() / Layout.SECTOR);
        if (diskSector != expected) {
            throw new CorruptImageException(
                    file.name(), fileOffset, "grain of disk sector " + diskSector + ", expected " + expected);
        }
        long start = fileOffset + Layout.GRAIN_MARKER_LENGTH;
        // Deflate makes no grain as much longer as this; QEMU has the same limit.
        if (length > 2L * header.grainSize() || length > file.size() - start) {
            throw new CorruptImageException(
                    file.name(), fileOffset + Long.BYTES, "compressed grain of " + length + " bytes");
        }
        byte[] bytes = new byte[(int) length];
        file.read(ByteBuffer.wrap(bytes), start);
        byte[] plain = new byte[header.grainSize()];
        int filled = GrainCompression.decompress(bytes, bytes.length, plain);
        if (filled < grainLength(grain)) {
            throw new CorruptImageException(
                    file.name(), start, "compressed grain of " + length + " bytes, damaged or not " + plain.length);
        }
        return ByteBuffer.wrap(plain);
    }
}
