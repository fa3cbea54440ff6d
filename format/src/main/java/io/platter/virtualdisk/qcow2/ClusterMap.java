package io.platter.virtualdisk.qcow2;

import static io.platter.virtualdisk.qcow2.Layout.COMPRESSED;
import static io.platter.virtualdisk.qcow2.Layout.COPIED;
import static io.platter.virtualdisk.qcow2.Layout.OFFSET_MASK;
import static io.platter.virtualdisk.qcow2.Layout.SUBCLUSTERS;
import static io.platter.virtualdisk.qcow2.Layout.ZERO;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.bytes.LruCache;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.OverlapGuard;
import io.platter.virtualdisk.spi.Pool;
import io.platter.virtualdisk.spi.Run;
import io.platter.virtualdisk.spi.TableCache;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The two levels of tables of a qcow2 file: an L1 entry points to an L2 table of one cluster, whose entries each
 * describe a cluster of the disk.
 *
 * <p>An L2 entry has eight bytes, or sixteen with extended L2 entries, whose second eight hold two bits for each of 32
 * subclusters. Safe for use by several threads.
 */
final class ClusterMap implements DiskMap, Closeable {
    private static final int DECODED_BYTES = 8 << 20;

    private final BlockDevice file;
    private final BlockDevice dataFile;
    private final boolean separateData;
    private final Header header;
    private final Header.L1 l1;
    private final long diskSize;
    private final int clusterBits;
    private final int clusterSize;
    private final int l2Entries;
    private final boolean extended;
    private final TableCache tables;
    private final LruCache<ByteBuffer> decoded;
    private final Pool<Decoder> decoders;
    private final OverlapGuard claims;

    /**
     * Creates the map of one state of the disk.
     *
     * @param dataFile where standard clusters are: {@code file} itself, or the external data file
     */
    ClusterMap(BlockDevice file, BlockDevice dataFile, Header header, Header.L1 l1, long diskSize) {
        this.file = file;
        this.dataFile = dataFile;
        this.separateData = header.has(Layout.INCOMPATIBLE_DATA_FILE);
        this.header = header;
        this.l1 = l1;
        this.diskSize = diskSize;
        this.clusterBits = header.clusterBits();
        this.clusterSize = header.clusterSize();
        this.l2Entries = header.l2Entries();
        this.extended = header.has(Layout.INCOMPATIBLE_EXTENDED_L2);
        this.tables = new TableCache(file, ByteOrder.BIG_ENDIAN);
        this.decoded = new LruCache<>(Math.max(2, Math.min(64, DECODED_BYTES >> clusterBits)), entry -> {
            ByteBuffer cluster = ByteBuffer.allocate(clusterSize);
            decode(entry, cluster);
            return cluster.flip();
        });
        this.decoders = new Pool<>(() -> new Decoder(header.compressionType(), clusterSize));
        this.claims = new OverlapGuard(file.name());
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        long cluster = diskOffset >>> clusterBits;
        int l1Index = (int) (cluster / l2Entries);
        long table = l2Table(l1Index);
        if (table == 0) {
            long span = (long) l2Entries << clusterBits;
            long start = diskOffset - diskOffset % span;
            return Run.empty(start, Math.min(span, diskSize - start), Run.Kind.PARENT);
        }
        claims.once(l1Index, places -> listClusters(places, l1Index, table));
        long entryOffset = entryOffset(table, (int) (cluster % l2Entries));
        long entry = tables.readI64(entryOffset);
        long start = cluster << clusterBits;
        int length = (int) Math.min(clusterSize, diskSize - start);
        if ((entry & COMPRESSED) != 0) {
            return compressed(start, length, entry, entryOffset);
        }
        checkStandard(entry, entryOffset);
        if (extended) {
            return subclusters(start, length, entry, entryOffset, diskOffset);
        }
        if ((entry & ZERO) != 0) {
            return Run.empty(start, length, Run.Kind.ZERO);
        }
        return isAllocated(entry)
                ? stored(start, length, entry & OFFSET_MASK, entryOffset)
                : Run.empty(start, length, Run.Kind.PARENT);
    }

    /** Returns where an L2 table stands, or 0 if there is none. */
    private long l2Table(int l1Index) throws IOException {
        long entryOffset = l1.offset() + 8L * l1Index;
        long entry = tables.readI64(entryOffset);
        long table = entry & OFFSET_MASK;
        if ((entry & Layout.L1_RESERVED) != 0 || table % clusterSize != 0 || table > file.size() - clusterSize) {
            throw corrupt(entryOffset, "L1 entry " + Long.toHexString(entry));
        }
        return table;
    }

    private long entryOffset(long table, int index) {
        return table + (extended ? 16L : 8L) * index;
    }

    /** Lists where an L2 table and its standard clusters are: nothing else of the disk is there. */
    private void listClusters(OverlapGuard.Places places, int l1Index, long table) throws IOException {
        places.add(table >>> clusterBits, l1.offset() + 8L * l1Index);
        for (int index = 0; index < l2Entries && !separateData; index++) {
            long entryOffset = entryOffset(table, index);
            long entry = tables.readI64(entryOffset);
            if ((entry & (COMPRESSED | ZERO)) == 0 && (entry & OFFSET_MASK) != 0) {
                places.add((entry & OFFSET_MASK) >>> clusterBits, entryOffset);
            }
        }
    }

    private void checkStandard(long entry, long entryOffset) throws CorruptImageException {
        boolean zeroFlagAllowed = header.version() > 2 && !extended;
        if ((entry & Layout.L2_RESERVED) != 0
                || ((entry & ZERO) != 0 && !zeroFlagAllowed)
                || (entry & OFFSET_MASK) % clusterSize != 0
                || ((entry & (OFFSET_MASK | ZERO)) == 0 && (entry & COPIED) != 0 && !separateData)) {
            throw corrupt(entryOffset, "L2 entry " + Long.toHexString(entry));
        }
    }

    private boolean isAllocated(long entry) {
        return (entry & OFFSET_MASK) != 0 || (separateData && (entry & COPIED) != 0);
    }

    private Run stored(long start, int length, long hostOffset, long entryOffset) throws CorruptImageException {
        if (hostOffset > dataFile.size() - length) {
            throw corrupt(
                    entryOffset,
                    "cluster at offset " + hostOffset + " of " + dataFile.name() + " of " + dataFile.size() + " bytes");
        }
        return Run.stored(start, length, dataFile, hostOffset);
    }

    /** Returns the run of subclusters of one kind that holds a place. */
    private Run subclusters(long start, int length, long entry, long entryOffset, long diskOffset) throws IOException {
        long bitmap = tables.readI64(entryOffset + 8);
        int allocated = (int) bitmap;
        int zero = (int) (bitmap >>> 32);
        if ((allocated & zero) != 0 || (allocated != 0 && !isAllocated(entry))) {
            throw corrupt(entryOffset + 8, "subcluster bitmap " + Long.toHexString(bitmap));
        }
        int subclusterSize = clusterSize / SUBCLUSTERS;
        int first = (int) ((diskOffset - start) / subclusterSize);
        int last = first;
        while (last + 1 < SUBCLUSTERS && bits(allocated, zero, last + 1) == bits(allocated, zero, first)) {
            last++;
        }
        int from = first * subclusterSize;
        int runLength = Math.min(length, (last + 1) * subclusterSize) - from;
        if ((allocated >>> first & 1) != 0) {
            return stored(start + from, runLength, (entry & OFFSET_MASK) + from, entryOffset);
        }
        return Run.empty(start + from, runLength, (zero >>> first & 1) != 0 ? Run.Kind.ZERO : Run.Kind.PARENT);
    }

    private static int bits(int allocated, int zero, int subcluster) {
        return (allocated >>> subcluster & 1) | ((zero >>> subcluster & 1) << 1);
    }

    private Run compressed(long start, int length, long entry, long entryOffset) throws CorruptImageException {
        long hostOffset = entry & (1L << Layout.compressedOffsetBits(clusterBits)) - 1;
        if (separateData || hostOffset >= file.size()) {
            throw corrupt(entryOffset, "compressed cluster at offset " + hostOffset);
        }
        return Run.made(start, length, (target, offset) -> readCompressed(entry, target, (int) offset), 0);
    }

    /** Fills the target with bytes of a compressed cluster: at once if it takes the whole cluster. */
    private void readCompressed(long entry, ByteBuffer target, int offset) throws IOException {
        if (target.remaining() == clusterSize) {
            decode(entry, target);
        } else {
            target.put(decoded.get(entry).slice(offset, target.remaining()));
        }
    }

    /** Fills a whole cluster with what a compressed cluster descriptor stands for. */
    private void decode(long entry, ByteBuffer cluster) throws IOException {
        int offsetBits = Layout.compressedOffsetBits(clusterBits);
        long hostOffset = entry & (1L << offsetBits) - 1;
        long sectors = ((entry & ~(COPIED | COMPRESSED)) >>> offsetBits) + 1;
        long most = sectors * Layout.COMPRESSED_SECTOR - hostOffset % Layout.COMPRESSED_SECTOR;
        int length = (int) Math.min(most, file.size() - hostOffset);
        Decoder decoder = decoders.take();
        try {
            if (!decoder.decode(file, hostOffset, length, cluster)) {
                throw corrupt(hostOffset, "compressed cluster of at most " + length + " bytes, not whole");
            }
        } finally {
            decoders.giveBack(decoder);
        }
    }

    @Override
    public void close() throws IOException {
        decoders.close();
    }

    private CorruptImageException corrupt(long fileOffset, String detail) {
        return new CorruptImageException(file.name(), fileOffset, detail);
    }
}
