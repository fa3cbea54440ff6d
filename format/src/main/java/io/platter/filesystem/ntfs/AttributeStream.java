package io.platter.filesystem.ntfs;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The content of a file of which it is known where it lies. It can grow while it is read, since the MFT is needed to find
 * the rest of the MFT.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class AttributeStream {
    /** How many runs a file may have; they take 16 MiB. */
    private static final int MAXIMUM_RUNS = 1 << 20;

    private final BlockDevice volume;
    private final BootSector boot;
    private final String name;
    private long[] ends = new long[8];
    private long[] lcns = new long[8];
    private int runs;
    private long size;
    private long initializedSize;

    /** Creates a stream without content. */
    AttributeStream(BlockDevice volume, BootSector boot, String name) {
        this.volume = volume;
        this.boot = boot;
        this.name = name;
    }

    /**
     * Adds the next piece.
     *
     * @throws CorruptImageException if it does not follow the last one, or is compressed, encrypted or sparse, which no
     *     file is that we read
     */
    void append(Attribute piece) throws CorruptImageException {
        if (piece.special || piece.resident || piece.lowestVcn != end()) {
            throw corrupt(end() * boot.clusterSize, "no plain piece of content");
        }
        if (piece.lowestVcn == 0) {
            size = piece.size;
            initializedSize = piece.initializedSize;
        }
        piece.visitRuns(boot.clusters, this::addRun);
    }

    private void addRun(long lcn, long clusters) throws CorruptImageException {
        // A cluster that stood in two places would make a hostile file larger than the volume.
        if (lcn < 0 || clusters > boot.clusters - end() || runs == MAXIMUM_RUNS) {
            throw corrupt(end() * boot.clusterSize, "hole, more content than volume, or more than 2^20 runs");
        }
        if (runs == ends.length) {
            ends = Arrays.copyOf(ends, 2 * runs);
            lcns = Arrays.copyOf(lcns, 2 * runs);
        }
        long end = end() + clusters;
        ends[runs] = end;
        lcns[runs++] = lcn;
    }

    /** Returns how many clusters of the content are known. */
    long end() {
        return runs == 0 ? 0 : ends[runs - 1];
    }

    /** Returns the size in bytes. */
    long size() {
        return size;
    }

    /** Returns how many bytes were ever written; the others are to be read as zeros. */
    long initializedSize() {
        return initializedSize;
    }

    /**
     * Fills {@code target} from its position to its limit with the content from {@code position} on.
     *
     * @throws CorruptImageException if there is less content
     */
    void read(ByteBuffer target, long position) throws IOException {
        if (position < 0 || position > end() * boot.clusterSize - target.remaining()) {
            throw corrupt(position, target.remaining() + " bytes expected, " + end() + " clusters are known");
        }
        int limit = target.limit();
        long at = position;
        while (target.hasRemaining()) {
            long vcn = at / boot.clusterSize;
            int found = Arrays.binarySearch(ends, 0, runs, vcn);
            int run = found >= 0 ? found + 1 : -found - 1;
            int count = (int) Math.min(target.remaining(), ends[run] * boot.clusterSize - at);
            target.limit(target.position() + count);
            if (diskOffset(run, at) > volume.size() - count) {
                throw corrupt(at, "the volume ends before the content at disk offset " + diskOffset(run, at));
            }
            volume.read(target, diskOffset(run, at));
            target.limit(limit);
            at += count;
        }
    }

    private long diskOffset(int run, long position) {
        long start = run == 0 ? 0 : ends[run - 1];
        return (lcns[run] - start) * boot.clusterSize + position;
    }

    CorruptImageException corrupt(long position, String detail) {
        return new CorruptImageException(volume.name() + " " + name, position, detail);
    }
}
