package io.platter.filesystem.exfat;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Follows the clusters of files and directories of an exFAT volume, through the FAT or, where an entry says so, one
 * after the other.
 *
 * <p>No cluster belongs to two files, so all chains together can't have more clusters than the volume; chains that cross
 * or run in circles end in an error there. Not thread-safe: one thread at a time.
 */
final class Chains {
    /** A file of unknown length: until the chain says that it ends. */
    static final long TO_THE_END = -1;

    private static final int ENTRY = 4;
    private static final long END_OF_CHAIN = 0xFFFF_FFFFL;
    private static final int WINDOW = 64 << 10;

    private final BlockDevice volume;
    private final BootSector boot;
    private long clustersLeft;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowStart;

    Chains(BlockDevice volume, BootSector boot) {
        this.volume = volume;
        this.boot = boot;
        this.clustersLeft = boot.clusterCount;
    }

    /** What is done with each cluster of a file. */
    @FunctionalInterface
    interface ClusterVisitor {
        /** Takes the number of the next cluster. */
        void visit(long cluster) throws IOException;
    }

    /**
     * Visits the clusters of a file in turn.
     *
     * @param first the number of the first cluster
     * @param length the size of the file in bytes, without a sign, or {@link #TO_THE_END}
     * @param contiguous whether the clusters follow each other, and the FAT is not to be asked
     * @throws CorruptImageException if there is no such chain
     */
    void follow(long first, long length, boolean contiguous, ClusterVisitor visitor) throws IOException {
        long clusters = length == TO_THE_END ? Long.MAX_VALUE : clusters(first, length);
        long cluster = first;
        for (long i = 0; i < clusters; i++) {
            if (!boot.isCluster(cluster) || clustersLeft-- == 0) {
                throw corrupt(
                        cluster,
                        "the chain from cluster " + first + " leads to cluster " + cluster + " of "
                                + boot.clusterCount);
            }
            visitor.visit(cluster);
            cluster = contiguous ? cluster + 1 : next(cluster);
            if (length == TO_THE_END && cluster == END_OF_CHAIN) {
                return;
            }
        }
    }

    private long clusters(long first, long length) throws CorruptImageException {
        long clusters = length == 0 ? 0 : Long.divideUnsigned(length - 1, boot.clusterSize()) + 1;
        if (clusters > boot.clusterCount) {
            throw corrupt(
                    first,
                    Long.toUnsignedString(length) + " bytes at cluster " + first + ", the volume has "
                            + boot.clusterCount + " clusters");
        }
        return clusters;
    }

    private long next(long cluster) throws IOException {
        long position = cluster * ENTRY;
        if (position < windowStart || position >= windowStart + window.limit()) {
            windowStart = position - position % WINDOW;
            long fatBytes = boot.fatLength << boot.sectorShift;
            window = ByteBuffer.allocate((int) Math.min(WINDOW, fatBytes - windowStart));
            volume.read(window, boot.activeFatOffset() + windowStart);
            window.flip().order(ByteOrder.LITTLE_ENDIAN);
        }
        return Integer.toUnsignedLong(window.getInt((int) (position - windowStart)));
    }

    private CorruptImageException corrupt(long cluster, String detail) {
        return new CorruptImageException(
                volume.name(), boot.activeFatOffset() + Math.min(cluster, boot.clusterCount) * ENTRY, detail);
    }
}
