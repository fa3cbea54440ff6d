package io.platter.virtualdisk.qcow2;

import io.platter.virtualdisk.spi.FileOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Hands out the clusters of a new qcow2 file in order and counts their references, 16 bits each.
 *
 * <p>A refcount block is complete when the next cluster is one that it does not cover; it then takes that cluster. So
 * only one block is in memory. Not thread-safe: one thread at a time.
 */
final class Clusters {
    private static final int ENTRY = 2;

    private final FileOutput file;
    private final int clusterSize;
    private final int entriesPerBlock;
    private final ByteBuffer block;
    private long[] blockOffsets = new long[16];
    private int blocks;
    private long next;

    /** Starts with the first cluster handed out, for the header. */
    Clusters(FileOutput file, int clusterSize) {
        this.file = file;
        this.clusterSize = clusterSize;
        this.entriesPerBlock = clusterSize / ENTRY;
        this.block = ByteBuffer.allocate(clusterSize);
        count(next++, 1);
    }

    /** Tells whether the next cluster follows directly on the last one that was handed out. */
    boolean nextIsAdjacent() {
        return next % entriesPerBlock != 0;
    }

    /** Returns the offset after the last cluster, in bytes. */
    long end() {
        return next * clusterSize;
    }

    /** Hands out the next cluster, with one reference, and returns its offset. */
    long allocate() throws IOException {
        if (!nextIsAdjacent()) {
            writeBlock(end());
            count(next++, 1);
        }
        long offset = end();
        count(next++, 1);
        return offset;
    }

    /** Adds a reference to a cluster that was handed out since {@link #nextIsAdjacent} was last false. */
    void reference(long offset) {
        count(offset / clusterSize, 1);
    }

    private void count(long cluster, int references) {
        int position = (int) (cluster % entriesPerBlock) * ENTRY;
        block.putShort(position, (short) (block.getShort(position) + references));
    }

    private void writeBlock(long offset) throws IOException {
        file.writeAt(offset, block.clear());
        Arrays.fill(block.array(), (byte) 0);
        if (blocks == blockOffsets.length) {
            blockOffsets = Arrays.copyOf(blockOffsets, 2 * blocks);
        }
        blockOffsets[blocks++] = offset;
    }

    /**
     * Where the tables at the end of the file came to stand, in bytes.
     *
     * @param l1 the offset of the L1 table
     * @param refcounts the offset of the refcount table
     * @param refcountClusters the length of that, in clusters
     */
    record Tables(long l1, long refcounts, int refcountClusters) {}

    /** Ends the file with the L1 table, the last refcount blocks and the refcount table. */
    Tables finish(long[] l1) throws IOException {
        long l1Offset = end();
        ByteBuffer l1Table = table(l1, l1.length);
        file.writeAt(l1Offset, l1Table.duplicate());
        long firstBlock = l1Offset / clusterSize + l1Table.capacity() / clusterSize;
        long allBlocks = blocks;
        long total = 0;
        for (long before = -1; before != total; ) {
            before = total;
            total = firstBlock + (allBlocks - blocks) + tableClusters(allBlocks);
            allBlocks = (total + entriesPerBlock - 1) / entriesPerBlock;
        }
        for (long place = firstBlock; blocks < allBlocks; place++) {
            for (long covered = Math.min(total, (blocks + 1L) * entriesPerBlock); next < covered; next++) {
                count(next, 1);
            }
            writeBlock(place * clusterSize);
        }
        ByteBuffer table = table(blockOffsets, blocks);
        long offset = total * clusterSize - table.capacity();
        file.writeAt(offset, table);
        return new Tables(l1Offset, offset, table.capacity() / clusterSize);
    }

    /** Returns a table filled up to whole clusters. */
    private ByteBuffer table(long[] entries, int count) {
        ByteBuffer table = ByteBuffer.allocate(tableClusters(count) * clusterSize);
        for (int i = 0; i < count; i++) {
            table.putLong(8 * i, entries[i]);
        }
        return table;
    }

    private int tableClusters(long entries) {
        return (int) ((8 * entries + clusterSize - 1) / clusterSize);
    }
}
