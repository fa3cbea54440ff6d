package io.platter.virtualdisk.ewf;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.bytes.LruCache;
import io.platter.virtualdisk.spi.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The chunks of an EWF image, which make up its disk. Each is compressed by zlib, with a checksum within, or stands as
 * it is with a checksum after it.
 *
 * <p>At most 32 MiB of chunks and 16 MiB of tables are kept. Safe for use by several threads, of which each needs memory
 * for two chunks more.
 */
final class Chunks implements Run.Source {
    private static final int CHECKSUM_LENGTH = 4;
    private static final int MAX_CACHED_CHUNKS = 64;
    private static final int MAX_CACHED_TABLES = 256;

    private final Volume volume;
    private final List<Table> tables;
    /** Of each table: its first chunk. */
    private final long[] firstChunks;

    private final LruCache<Table.Entries> entries;
    private final LruCache<byte[]> decoded;

    Chunks(Volume volume, List<Table> tables) {
        this.volume = volume;
        this.tables = List.copyOf(tables);
        this.firstChunks = new long[tables.size()];
        long chunks = 0;
        int largest = 1;
        for (int table = 0; table < firstChunks.length; table++) {
            firstChunks[table] = chunks;
            chunks += tables.get(table).count();
            largest = Math.max(largest, tables.get(table).count());
        }
        int cachedTables = Math.min(MAX_CACHED_TABLES, 4 * Table.MAX_ENTRIES / largest);
        int cachedChunks = Math.min(MAX_CACHED_CHUNKS, Volume.MAX_CHUNK_SIZE / volume.chunkSize());
        this.entries = new LruCache<>(
                cachedTables, table -> this.tables.get((int) table).readEntries());
        this.decoded = new LruCache<>(cachedChunks, this::decode);
    }

    @Override
    public void read(ByteBuffer target, long offset) throws IOException {
        long from = offset;
        while (target.hasRemaining()) {
            int inChunk = (int) (from % volume.chunkSize());
            int count = Math.min(target.remaining(), volume.chunkSize() - inChunk);
            target.put(decoded.get(from / volume.chunkSize()), inChunk, count);
            from += count;
        }
    }

    private byte[] decode(long chunk) throws IOException {
        int found = Arrays.binarySearch(firstChunks, chunk);
        int table = found >= 0 ? found : -found - 2;
        Table.Entries places = entries.get(table);
        int entry = (int) (chunk - firstChunks[table]);
        long start = places.start(entry);
        long length = places.end(entry) - start;
        int needed = (int) Math.min(volume.chunkSize(), volume.diskSize() - chunk * volume.chunkSize());
        BlockDevice file = places.file();
        return places.isCompressed(entry)
                ? inflate(file, start, length, needed)
                : readPlain(file, start, length, needed);
    }

    private byte[] readPlain(BlockDevice file, long start, long length, int needed) throws IOException {
        int plain = (int) Math.min(volume.chunkSize(), length - CHECKSUM_LENGTH);
        if (plain < needed) {
            throw new CorruptImageException(
                    file.name(), start, "chunk of " + plain + " bytes, expected at least " + needed);
        }
        ByteReader reader = ByteReader.read(file, start, plain + CHECKSUM_LENGTH, ByteOrder.LITTLE_ENDIAN);
        Section.check(reader, plain, "chunk");
        return reader.seek(0).readBytes(plain);
    }

    private byte[] inflate(BlockDevice file, long start, long length, int needed) throws IOException {
        int chunkSize = volume.chunkSize();
        // What zlib can't compress becomes longer, by much less than this.
        ByteBuffer compressed = ByteBuffer.allocate((int) Math.min(length, chunkSize + chunkSize / 8 + 1024));
        file.read(compressed, start);
        // One byte more than a chunk has: a chunk that fills it is too long.
        byte[] plain = new byte[chunkSize + 1];
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(compressed.array());
            int size = 0;
            int count;
            do {
                count = inflater.inflate(plain, size, plain.length - size);
                size += count;
            } while (count > 0 && !inflater.finished());
            if (!inflater.finished() || size < needed || size > chunkSize) {
                throw new CorruptImageException(
                        file.name(),
                        start,
                        "compressed chunk of " + size + " bytes, expected " + needed + " and then its end");
            }
            return plain;
        } catch (DataFormatException e) {
            throw new CorruptImageException(file.name(), start, "compressed chunk: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }
}
