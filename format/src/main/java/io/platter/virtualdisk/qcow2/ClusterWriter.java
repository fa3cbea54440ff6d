package io.platter.virtualdisk.qcow2;

import io.platter.block.ExtentKind;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Writes a qcow2 file of version 3 in ascending order: clusters of data with each L2 table after its data, then the L1
 * table, the refcounts, and last of all the header.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ClusterWriter implements BlockCutter.Sink {
    private final FileOutput file;
    private final long diskSize;
    private final int clusterSize;
    private final int clusterBits;
    private final int l2Entries;
    private final Compression compression;
    private final int compressionLevel;
    private final Clusters clusters;
    private final long[] l1;
    private final ByteBuffer l2;
    private int l1Index;
    private boolean l2HasData;
    /** Where the next compressed cluster goes, and the end of the room that it finds there. */
    private long packOffset;

    private long packEnd;

    ClusterWriter(FileOutput file, long diskSize, int clusterSize, VirtualDiskOptions options) {
        this.file = file;
        this.diskSize = diskSize;
        this.clusterSize = clusterSize;
        this.clusterBits = Integer.numberOfTrailingZeros(clusterSize);
        this.l2Entries = clusterSize / 8;
        this.compression = options.compression();
        this.compressionLevel = options.compressionLevel();
        this.clusters = new Clusters(file, clusterSize);
        this.l1 = new long[(int) Layout.l1Entries(diskSize, clusterBits, l2Entries)];
        this.l2 = ByteBuffer.allocate(clusterSize);
    }

    @Override
    public void block(long index, ByteBuffer block) throws IOException {
        moveTo(index);
        setData(index, append(block) | Layout.COPIED);
    }

    @Override
    public Optional<BlockEncoder> newEncoder() {
        return compression == Compression.NONE
                ? Optional.empty()
                : Optional.of(new Encoder(compression, compressionLevel, clusterSize));
    }

    @Override
    public void encoded(long index, ByteBuffer encoded) throws IOException {
        moveTo(index);
        setData(index, pack(encoded));
    }

    /** Zeros are noted in tables that are there for data only: what no table describes reads as zeros, too. */
    @Override
    public void empty(long first, long count, ExtentKind kind) throws IOException {
        if (kind == ExtentKind.HOLE) {
            return;
        }
        long end = first + count;
        for (long index = first; index < end; ) {
            boolean wholeTable = index % l2Entries == 0 && end - index >= l2Entries;
            if (!wholeTable) {
                moveTo(index);
                l2.putLong(entryOffset(index), Layout.ZERO);
            }
            index += wholeTable ? l2Entries : 1;
        }
    }

    private int entryOffset(long index) {
        return (int) (index % l2Entries) * Long.BYTES;
    }

    private void setData(long index, long entry) {
        l2.putLong(entryOffset(index), entry);
        l2HasData = true;
    }

    /** Writes the L2 table if the next cluster belongs to another one. */
    private void moveTo(long index) throws IOException {
        int wanted = (int) (index / l2Entries);
        if (wanted != l1Index) {
            writeL2();
            l1Index = wanted;
        }
    }

    private void writeL2() throws IOException {
        if (l2HasData) {
            l1[l1Index] = append(l2.clear()) | Layout.COPIED;
        }
        Arrays.fill(l2.array(), (byte) 0);
        l2HasData = false;
    }

    /** Writes a whole cluster to the next free one. */
    private long append(ByteBuffer cluster) throws IOException {
        long offset = allocate();
        file.writeAt(offset, cluster);
        return offset;
    }

    private long allocate() throws IOException {
        if (!clusters.nextIsAdjacent()) {
            packOffset = 0;
            packEnd = 0;
        }
        return clusters.allocate();
    }

    /**
     * Writes the compressed bytes where there is room in the cluster of the one before, or from there on into the next
     * cluster if that is free, or else into a new cluster; and returns the entry.
     */
    private long pack(ByteBuffer compressed) throws IOException {
        int length = compressed.remaining();
        if (length > packEnd - packOffset) {
            boolean grows = packEnd > 0 && packEnd == clusters.end() && clusters.nextIsAdjacent();
            long offset = allocate();
            if (grows && packOffset < packEnd) {
                clusters.reference(packOffset);
            } else {
                packOffset = offset;
            }
            packEnd = offset + clusterSize;
        } else {
            clusters.reference(packOffset);
        }
        long start = packOffset;
        file.writeAt(start, compressed);
        packOffset += length;
        long sectors = (packOffset - 1) / Layout.COMPRESSED_SECTOR - start / Layout.COMPRESSED_SECTOR;
        return Layout.COMPRESSED | sectors << Layout.compressedOffsetBits(clusterBits) | start;
    }

    @Override
    public void finish() throws IOException {
        writeL2();
        Clusters.Tables tables = clusters.finish(l1);
        boolean zstd = compression == Compression.ZSTD;
        ByteBuffer header = ByteBuffer.allocate(Layout.WRITTEN_HEADER_LENGTH);
        header.putInt(Layout.MAGIC).putInt(3);
        header.position(20).putInt(clusterBits).putLong(diskSize).putInt(0);
        header.putInt(l1.length).putLong(tables.l1());
        header.putLong(tables.refcounts()).putInt(tables.refcountClusters());
        header.position(72).putLong(zstd ? Layout.INCOMPATIBLE_COMPRESSION : 0);
        header.position(96).putInt(Layout.WRITTEN_REFCOUNT_ORDER).putInt(Layout.WRITTEN_HEADER_LENGTH);
        header.put((byte) (zstd ? Layout.COMPRESSION_ZSTD : Layout.COMPRESSION_DEFLATE));
        file.writeAt(0, header.clear());
    }
}
