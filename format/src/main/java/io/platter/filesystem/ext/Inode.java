package io.platter.filesystem.ext;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * An inode of ext2, ext3 and ext4, and the blocks that it takes: a tree of extents, or up to three levels of blocks that
 * hold the numbers of others.
 *
 * <p>Sources: the kernel's {@code Documentation/filesystems/ext4/inodes.rst}, {@code ifork.rst}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Inode {
    private static final int LENGTH = 128;
    private static final int LINKS_AT = 0x1A;
    private static final int FLAGS_AT = 0x20;
    private static final int BLOCKS_AT = 0x28;
    private static final int ATTRIBUTES_LOW_AT = 0x68;
    private static final int ATTRIBUTES_HIGH_AT = 0x76;
    private static final int FLAG_EXTENTS = 0x80000;
    private static final int FLAG_INLINE_DATA = 0x10000000;

    private static final int DIRECT_BLOCKS = 12;
    private static final int INDIRECT_LEVELS = 3;

    private static final int EXTENT_MAGIC = 0xF30A;
    private static final int EXTENT_ENTRY = 12;
    private static final int EXTENT_MAX_DEPTH = 5;
    /** An extent with more blocks than this has that many less; it was never written. */
    private static final int EXTENT_MAX_LENGTH = 1 << 15;
    /** Ours: ten times what the largest journal needs. */
    private static final int MAX_NODES = 1 << 19;

    private final BlockDevice volume;
    private final Superblock superblock;
    private final ByteReader in;
    private final boolean hasExtents;
    private final boolean isInline;
    private int nodes;

    /** How many directory entries lead to it; 0 if it is not used, or is one of those that the filesystem itself uses. */
    final int links;

    private Inode(BlockDevice volume, Superblock superblock, ByteReader in) throws CorruptImageException {
        this.volume = volume;
        this.superblock = superblock;
        this.in = in;
        links = in.seek(LINKS_AT).readU16();
        int flags = in.seek(FLAGS_AT).readI32();
        hasExtents = (flags & FLAG_EXTENTS) != 0;
        isInline = (flags & FLAG_INLINE_DATA) != 0;
    }

    /**
     * Reads an inode.
     *
     * @param number 1 for the first
     * @throws CorruptImageException if there is no inode of this number
     */
    static Inode read(BlockDevice volume, Superblock superblock, Groups groups, long number)
            throws IOException, UnprovenException {
        if (number < 1 || number > superblock.inodesCount) {
            throw new CorruptImageException(
                    volume.name(), Superblock.OFFSET, "inode " + number + " of " + superblock.inodesCount);
        }
        long group = (number - 1) / superblock.inodesPerGroup;
        long index = (number - 1) % superblock.inodesPerGroup;
        long offset = groups.descriptor(group).inodeTable() * superblock.blockSize + index * superblock.inodeSize;
        return new Inode(volume, superblock, ByteReader.read(volume, offset, LENGTH, ByteOrder.LITTLE_ENDIAN));
    }

    /** What is done with each run of blocks. */
    @FunctionalInterface
    interface RunVisitor {
        void visit(long block, long count) throws IOException;
    }

    /** Returns the block that holds the first bytes of the content. */
    long firstBlock() throws IOException, UnprovenException {
        in.seek(BLOCKS_AT);
        if (!hasExtents) {
            return in.readU32();
        }
        ByteReader node = in;
        for (int depth = extentDepth(node, BLOCKS_AT); depth > 0; depth--) {
            node = block(indexed(node));
            extentDepth(node, 0);
        }
        if (node.readU32() != 0) {
            throw node.corrupt(node.position(), "extents without block 0");
        }
        return (long) node.skip(2).readU16() << 32 | node.readU32();
    }

    /**
     * Visits all runs of blocks that the inode takes: its content's, those that tell where the content is, and that of
     * its extended attributes.
     *
     * @throws CorruptImageException if one is not inside the filesystem
     */
    void visit(RunVisitor visitor) throws IOException, UnprovenException {
        long attributes = in.seek(ATTRIBUTES_LOW_AT).readU32()
                | (superblock.hasIncompat(Superblock.INCOMPAT_64BIT)
                        ? (long) in.seek(ATTRIBUTES_HIGH_AT).readU16() << 32
                        : 0);
        visitRun(in, attributes, attributes == 0 ? 0 : 1, visitor);
        if (isInline) {
            return;
        }
        if (hasExtents) {
            visitExtents(in, BLOCKS_AT, EXTENT_MAX_DEPTH + 1, visitor);
            return;
        }
        for (int i = 0; i < DIRECT_BLOCKS + INDIRECT_LEVELS; i++) {
            long block = in.seek(BLOCKS_AT + 4L * i).readU32();
            visitIndirect(in, block, Math.max(0, i - DIRECT_BLOCKS + 1), visitor);
        }
    }

    private void visitIndirect(ByteReader from, long block, int level, RunVisitor visitor)
            throws IOException, UnprovenException {
        visitRun(from, block, block == 0 ? 0 : 1, visitor);
        if (block == 0 || level == 0) {
            return;
        }
        ByteReader numbers = block(block);
        while (numbers.remaining() >= Integer.BYTES) {
            visitIndirect(numbers, numbers.readU32(), level - 1, visitor);
        }
    }

    private void visitExtents(ByteReader node, int start, int maxDepth, RunVisitor visitor)
            throws IOException, UnprovenException {
        int entries = node.seek(start + 2).readU16();
        int depth = extentDepth(node.seek(start), start);
        if (depth >= maxDepth) {
            throw node.corrupt(start, "extent node of depth " + depth + ", expected less than " + maxDepth);
        }
        for (int i = 0; i < entries; i++) {
            node.seek(start + (i + 1L) * EXTENT_ENTRY);
            if (depth == 0) {
                int length = node.skip(4).readU16();
                long block = (long) node.readU16() << 32 | node.readU32();
                visitRun(node, block, length > EXTENT_MAX_LENGTH ? length - EXTENT_MAX_LENGTH : length, visitor);
            } else {
                long child = indexed(node);
                visitRun(node, child, 1, visitor);
                visitExtents(block(child), 0, depth, visitor);
            }
        }
    }

    /** Reads the header of a node, which leaves the reader at its first entry. */
    private static int extentDepth(ByteReader node, int start) throws CorruptImageException {
        int magic = node.readU16();
        int entries = node.readU16();
        int room = (node.position() - 4 + node.remaining() - start) / EXTENT_ENTRY - 1;
        int depth = node.skip(2).readU16();
        node.skip(4);
        if (magic != EXTENT_MAGIC || entries > room || depth > EXTENT_MAX_DEPTH) {
            throw node.corrupt(
                    start, "extent node of magic %04x with %d entries, depth %d".formatted(magic, entries, depth));
        }
        return depth;
    }

    /** Reads the number of the block to which an entry of a node leads. */
    private static long indexed(ByteReader node) throws CorruptImageException {
        long low = node.skip(4).readU32();
        return (long) node.readU16() << 32 | low;
    }

    private void visitRun(ByteReader from, long block, long count, RunVisitor visitor) throws IOException {
        if (count > 0) {
            checkInside(from, block, count);
            visitor.visit(block, count);
        }
    }

    private void checkInside(ByteReader from, long block, long count) throws CorruptImageException {
        if (block <= superblock.superblockBlock() || block > superblock.blocksCount - count) {
            throw from.corrupt(
                    from.position(), count + " blocks at " + block + " of a filesystem of " + superblock.blocksCount);
        }
    }

    private ByteReader block(long block) throws IOException, UnprovenException {
        checkInside(in, block, 1);
        if (++nodes > MAX_NODES) {
            throw new UnprovenException(Reason.LIMIT, "an inode with more than " + MAX_NODES + " blocks of numbers");
        }
        return ByteReader.read(volume, block * superblock.blockSize, superblock.blockSize, ByteOrder.LITTLE_ENDIAN);
    }
}
