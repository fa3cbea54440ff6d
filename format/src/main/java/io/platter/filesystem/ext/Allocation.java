package io.platter.filesystem.ext;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.bytes.SeededCrc;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.UnprovenException;
import io.platter.filesystem.kit.WindowedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Reads the bitmaps of ext2, ext3 and ext4, and believes them only if all that the filesystem says about itself agrees:
 *
 * <ul>
 *   <li>the clear bits of each group's two bitmaps are as many as its descriptor says are free, and the bitmaps fit their
 *       checksums; where a bitmap was never written, which only a descriptor with a checksum can say, the descriptor
 *       must count all as free but what metadata takes;
 *   <li>all groups together have as much free as the superblock says. A filesystem that is in use changes only the
 *       groups, but to unmount or freeze it brings the superblock up to date;
 *   <li>no metadata is free, and no block of an inode that the filesystem has for itself: the reserved ones, and those
 *       that the superblock names.
 * </ul>
 *
 * <p>What a walk of all inodes would find is not looked for. Not thread-safe: one thread at a time.
 */
final class Allocation {
    /** Inodes with lower numbers are the filesystem's own, whether it uses them or not. */
    private static final int FIRST_ORDINARY_INODE = 11;

    private static final int BAD_BLOCKS_INODE = 1;

    private final BlockDevice volume;
    private final Superblock superblock;
    private final Groups groups;
    private final WindowedReader blockBitmaps;
    private final WindowedReader inodeBitmaps;
    private final FreeRuns free = new FreeRuns();
    private final int seed;

    Allocation(BlockDevice volume, Superblock superblock) {
        this.volume = volume;
        this.superblock = superblock;
        groups = new Groups(volume, superblock);
        blockBitmaps = new WindowedReader(volume, ByteOrder.LITTLE_ENDIAN);
        inodeBitmaps = new WindowedReader(volume, ByteOrder.LITTLE_ENDIAN);
        seed = superblock.checksumSeed();
    }

    /** Returns the bytes that are used. */
    ExtentSet used() throws IOException, UnprovenException {
        Activity.requireNone(volume, superblock, groups);
        ExtentSet metadata = groups.metadata();
        long freeClusters = 0;
        long freeInodes = 0;
        for (long group = 0; group < superblock.groups(); group++) {
            Groups.Descriptor descriptor = groups.descriptor(group);
            ExtentSet ofGroup =
                    descriptor.blocksUnset() ? allButMetadata(metadata, group) : clear(descriptor, metadata);
            freeClusters += add(descriptor, ofGroup);
            checkInodes(descriptor);
            freeInodes += descriptor.freeInodes();
        }
        long freeBlocks = freeClusters * (superblock.clusterSize() / superblock.blockSize);
        if (freeBlocks != superblock.freeBlocks || freeInodes != superblock.freeInodes) {
            throw new CorruptImageException(
                    volume.name(),
                    Superblock.OFFSET,
                    "the groups have %d blocks and %d inodes free, the superblock says %d and %d"
                            .formatted(freeBlocks, freeInodes, superblock.freeBlocks, superblock.freeInodes));
        }
        ExtentSet runs = free.free();
        checkOwnInodes(runs);
        return runs.complement(0, volume.size());
    }

    /** Adds the free runs of a group, which must be as long as its descriptor says, and returns their clusters. */
    private long add(Groups.Descriptor descriptor, ExtentSet runs) throws CorruptImageException {
        long end = offset(groups.endBlock(descriptor.group()));
        int cluster = superblock.clusterSize();
        long clusters = (runs.bytes() + cluster - 1) / cluster;
        if (clusters != descriptor.freeClusters()) {
            throw damaged(
                    descriptor,
                    descriptor.blockBitmap(),
                    clusters + " clusters are free" + (descriptor.blocksUnset() ? " beside metadata" : "")
                            + ", expected " + descriptor.freeClusters());
        }
        for (int run = 0; run < runs.count(); run++) {
            free.add(runs.offset(run), Math.min(runs.end(run), end) - runs.offset(run));
        }
        return clusters;
    }

    /** Returns the clusters of a group in which no metadata lies. */
    private ExtentSet allButMetadata(ExtentSet metadata, long group) {
        long start = offset(groups.firstBlock(group));
        long end = offset(groups.endBlock(group));
        ExtentSet rest = metadata.complement(start, end);
        int cluster = superblock.clusterSize();
        ExtentSet.Builder whole = ExtentSet.builder();
        for (int run = 0; run < rest.count(); run++) {
            long from = start + (rest.offset(run) - start + cluster - 1) / cluster * cluster;
            long to = rest.end(run) == end ? end : start + (rest.end(run) - start) / cluster * cluster;
            whole.add(from, Math.max(to - from, 0));
        }
        return whole.build();
    }

    /** Returns the clusters of a group whose bits are clear. */
    private ExtentSet clear(Groups.Descriptor descriptor, ExtentSet metadata) throws IOException, UnprovenException {
        long start = offset(groups.firstBlock(descriptor.group()));
        long end = offset(groups.endBlock(descriptor.group()));
        int cluster = superblock.clusterSize();
        ByteBuffer bitmap =
                blockBitmaps.read(offset(descriptor.blockBitmap()), (int) superblock.clustersPerGroup / Byte.SIZE);
        checkChecksum("block", descriptor.group(), bitmap, descriptor.blockChecksum());
        FreeRuns ofGroup = new FreeRuns();
        ofGroup.addClear(bitmap, (int) ((end - start + cluster - 1) / cluster), start, cluster);
        ExtentSet runs = ofGroup.free();
        for (int run = 0; run < runs.count(); run++) {
            if (metadata.intersects(runs.offset(run), Math.min(runs.end(run), end) - runs.offset(run))) {
                throw damaged(
                        descriptor, descriptor.blockBitmap(), "metadata at " + runs.offset(run) + " counts as free");
            }
        }
        return runs;
    }

    private void checkInodes(Groups.Descriptor descriptor) throws IOException, UnprovenException {
        long inodes = superblock.inodesPerGroup;
        long clear = inodes;
        long used = 0;
        if (!descriptor.inodesUnset()) {
            ByteBuffer bitmap = inodeBitmaps.read(offset(descriptor.inodeBitmap()), (int) (inodes + 7) / Byte.SIZE);
            checkChecksum("inode", descriptor.group(), bitmap.slice(0, (int) inodes / 8), descriptor.inodeChecksum());
            BitSet bits = BitSet.valueOf(bitmap).get(0, (int) inodes);
            clear = inodes - bits.cardinality();
            used = bits.length();
        }
        if (clear != descriptor.freeInodes() || used > inodes - descriptor.unusedInodes()) {
            throw damaged(
                    descriptor,
                    descriptor.inodeBitmap(),
                    "%d of %d inodes are free, expected %d; inode %d is used, the last %d never were"
                            .formatted(clear, inodes, descriptor.freeInodes(), used, descriptor.unusedInodes()));
        }
    }

    private void checkOwnInodes(ExtentSet runs) throws IOException, UnprovenException {
        Set<Long> named = new LinkedHashSet<>(superblock.namedInodes());
        for (long number = 1; number < FIRST_ORDINARY_INODE; number++) {
            Inode inode = Inode.read(volume, superblock, groups, number);
            if (inode.links > 0 || number == BAD_BLOCKS_INODE) {
                checkUsed(inode, number, runs);
                named.remove(number);
            }
        }
        for (long number : named) {
            checkUsed(Inode.read(volume, superblock, groups, number), number, runs);
        }
    }

    private void checkUsed(Inode inode, long number, ExtentSet runs) throws IOException, UnprovenException {
        inode.visit((block, count) -> {
            if (runs.intersects(offset(block), offset(count))) {
                throw new CorruptImageException(
                        volume.name(),
                        offset(block),
                        "%d blocks at %d, which inode %d has, count as free".formatted(count, block, number));
            }
        });
    }

    private CorruptImageException damaged(Groups.Descriptor descriptor, long block, String detail) {
        return new CorruptImageException(volume.name(), offset(block), "group " + descriptor.group() + ": " + detail);
    }

    private void checkChecksum(String kind, long group, ByteBuffer bitmap, int stored) throws UnprovenException {
        if (!superblock.hasRoCompat(Superblock.RO_COMPAT_METADATA_CSUM)) {
            return;
        }
        int mask = superblock.descSize >= 64 ? -1 : 0xFFFF;
        int computed = SeededCrc.crc32c(seed).update(bitmap).value() & mask;
        if (computed != stored) {
            throw new UnprovenException(
                    Reason.CHECKSUM,
                    "%s bitmap of group %d: stored %08x, computed %08x".formatted(kind, group, stored, computed));
        }
    }

    private long offset(long block) {
        return block * superblock.blockSize;
    }
}
