package io.platter.filesystem.ext;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * What tells that ext's bitmaps are not the last word: another machine at work, which multi-mount protection (MMP)
 * shows; a filesystem that was not unmounted in order; or a journal that holds changes, even if the superblock does not
 * say so.
 *
 * <p>Sources: the kernel's {@code Documentation/filesystems/ext4/journal.rst}, {@code mmp.rst}.
 */
final class Activity {
    private static final long MMP_MAGIC = 0x004D4D50;
    private static final long MMP_SEQ_CLEAN = 0xFF4D4D50L;

    private static final long JOURNAL_MAGIC = 0xC03B3998L;

    private Activity() {}

    static void requireNone(BlockDevice volume, Superblock superblock, Groups groups)
            throws IOException, UnprovenException {
        if (superblock.hasIncompat(Superblock.INCOMPAT_MMP)) {
            requireNoOtherMachine(volume, superblock);
        }
        superblock.checkState();
        if (superblock.hasCompat(Superblock.COMPAT_HAS_JOURNAL) && superblock.journalInum != 0) {
            requireEmptyJournal(volume, superblock, groups);
        }
    }

    private static void requireNoOtherMachine(BlockDevice volume, Superblock superblock)
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

    private static void requireEmptyJournal(BlockDevice volume, Superblock superblock, Groups groups)
            throws IOException, UnprovenException {
        long first =
                Inode.read(volume, superblock, groups, superblock.journalInum).firstBlock();
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

    private static ByteReader block(BlockDevice volume, Superblock superblock, long block, ByteOrder order)
            throws IOException {
        if (block <= superblock.superblockBlock() || block >= superblock.blocksCount) {
            throw new CorruptImageException(
                    volume.name(), 0, "block " + block + " of a filesystem of " + superblock.blocksCount);
        }
        return ByteReader.read(volume, block * superblock.blockSize, superblock.blockSize, order);
    }
}
