package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * What tells that ext's bitmaps are not the last word: another machine at work, which multi-mount protection (MMP)
 * shows; a filesystem that was not unmounted in order; or a journal that holds changes, even if the superblock does not
 * say so.
 *
 * <p>Sources: the kernel's {@code Documentation/filesystems/ext4/journal.rst}, {@code mmp.rst}, {@code ifork.rst}.
 */
final class ExtActivity {
    private static final long MMP_MAGIC = 0x004D4D50;
    private static final long MMP_SEQ_CLEAN = 0xFF4D4D50L;

    private static final long JOURNAL_MAGIC = 0xC03B3998L;
    private static final int INODE_FLAG_EXTENTS = 0x80000;
    private static final int EXTENT_MAGIC = 0xF30A;
    private static final int EXTENT_MAX_DEPTH = 5;

    private ExtActivity() {}

    static void requireNone(BlockDevice volume, ExtSuperblock superblock, ExtGroups groups)
            throws IOException, UnprovenException {
        if (superblock.hasIncompat(ExtSuperblock.INCOMPAT_MMP)) {
            requireNoOtherMachine(volume, superblock);
        }
        superblock.checkState();
        if (superblock.hasCompat(ExtSuperblock.COMPAT_HAS_JOURNAL) && superblock.journalInum != 0) {
            requireEmptyJournal(volume, superblock, groups);
        }
    }

    private static void requireNoOtherMachine(BlockDevice volume, ExtSuperblock superblock)
            throws IOException, UnprovenException {
        ByteReader mmp = block(volume, superblock, superblock.mmpBlock, ByteOrder.LITTLE_ENDIAN);
        long magic = mmp.readU32();
        long sequence = mmp.readU32();
        if (magic != MMP_MAGIC) {
            throw mmp.corrupt(0, "MMP magic %08x, expected %08x".formatted(magic, MMP_MAGIC));
        }
        if (sequence != MMP_SEQ_CLEAN) {
            throw new UnprovenException(
                    Reason.IN_USE, "MMP sequence %08x, expected %08x".formatted(sequence, MMP_SEQ_CLEAN));
        }
    }

    private static void requireEmptyJournal(BlockDevice volume, ExtSuperblock superblock, ExtGroups groups)
            throws IOException, UnprovenException {
        ByteReader inode = inode(volume, superblock, groups, superblock.journalInum);
        boolean extents = (inode.seek(0x20).readI32() & INODE_FLAG_EXTENTS) != 0;
        inode.seek(0x28);
        long first = extents ? firstBlockOfExtents(volume, superblock, inode) : inode.readU32();
        ByteReader journal = block(volume, superblock, first, ByteOrder.BIG_ENDIAN);
        long magic = journal.readU32();
        long start = journal.seek(0x1C).readU32();
        if (magic != JOURNAL_MAGIC) {
            throw journal.corrupt(0, "journal magic %08x, expected %08x".formatted(magic, JOURNAL_MAGIC));
        }
        if (start != 0) {
            throw new UnprovenException(
                    Reason.JOURNAL_DIRTY,
                    "the journal has data from block " + start + " on, though it is not marked so");
        }
    }

    private static ByteReader inode(BlockDevice volume, ExtSuperblock superblock, ExtGroups groups, long number)
            throws IOException, UnprovenException {
        long group = (number - 1) / superblock.inodesPerGroup;
        if (group >= superblock.groups()) {
            throw new CorruptImageException(
                    volume.name(), ExtSuperblock.OFFSET + 0xE0, "inode " + number + " of " + superblock.inodesCount);
        }
        long table = groups.descriptor(group).inodeTable() * superblock.blockSize;
        long index = (number - 1) % superblock.inodesPerGroup;
        return ByteReader.read(volume, table + index * superblock.inodeSize, 128, ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns where the first block of an inode is, whose tree of extents starts in the inode itself. */
    private static long firstBlockOfExtents(BlockDevice volume, ExtSuperblock superblock, ByteReader inode)
            throws IOException {
        ByteReader node = inode;
        for (int level = 0; level <= EXTENT_MAX_DEPTH; level++) {
            int magic = node.readU16();
            int entries = node.readU16();
            int depth = node.skip(2).readU16();
            if (magic != EXTENT_MAGIC || entries == 0 || node.skip(4).readU32() != 0) {
                throw node.corrupt(node.position(), "extent node of magic %04x without block 0".formatted(magic));
            }
            if (depth == 0) {
                return (long) node.skip(2).readU16() << 32 | node.readU32();
            }
            long low = node.readU32();
            node = block(volume, superblock, (long) node.readU16() << 32 | low, ByteOrder.LITTLE_ENDIAN);
        }
        throw node.corrupt(0, "extent tree deeper than " + EXTENT_MAX_DEPTH);
    }

    private static ByteReader block(BlockDevice volume, ExtSuperblock superblock, long block, ByteOrder order)
            throws IOException {
        if (block <= superblock.superblockBlock() || block >= superblock.blocksCount) {
            throw new CorruptImageException(
                    volume.name(), 0, "block " + block + " of a filesystem of " + superblock.blocksCount);
        }
        return ByteReader.read(volume, block * superblock.blockSize, superblock.blockSize, order);
    }
}
