package io.platter.filesystem.xfs;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.UnprovenException;
import io.platter.filesystem.kit.WindowedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads what is free in XFS. Each allocation group has a tree of its free runs sorted by block (bnobt), one of the same
 * runs sorted by length (cntbt), and a list of free blocks that are set aside for the trees (AGFL).
 *
 * <p>Only what the first and the last name is free, and they are believed only if all agrees: every block that is read
 * fits its checksum, its place, its group and this filesystem's identity; the runs ascend; both trees hold the same runs;
 * these add up to what the group's header (AGF) says, and the groups to what the superblock says, which a clean unmount
 * brings up to date; and neither the log, nor a tree's node or root, nor an inode that the superblock names is free.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Allocation {
    private static final int AGF_MAGIC = 0x58414746; // XAGF
    private static final int AGI_MAGIC = 0x58414749; // XAGI
    private static final int AGFL_MAGIC = 0x5841464C; // XAFL
    private static final int BNOBT_MAGIC = 0x41423342; // AB3B
    private static final int CNTBT_MAGIC = 0x41423343; // AB3C
    private static final int AGF_SECTOR = 1;
    private static final int AGI_SECTOR = 2;
    private static final int AGFL_SECTOR = 3;
    private static final int AG_SECTORS = 4;
    private static final int AGF_CRC_AT = 216;
    private static final int AGF_UUID_AT = 64;
    /** The roots of the trees of reverse mappings and of shared blocks, which not all filesystems have. */
    private static final int[] AGF_ROOTS_AT = {24, 88};

    private static final int AGI_CRC_AT = 312;
    private static final int AGI_UUID_AT = 296;
    /** The roots of the trees of inodes and of free inodes. */
    private static final int[] AGI_ROOTS_AT = {20, 328};

    private static final int AGFL_HEADER = 36;
    private static final int AGFL_CRC_AT = 32;
    private static final int AGFL_UUID_AT = 8;
    private static final int BTREE_HEADER = 56;
    private static final int BTREE_CRC_AT = 52;
    private static final int BTREE_UUID_AT = 32;
    private static final int BTREE_MAX_LEVELS = 9;
    private static final int RECORD = 8;
    private static final int POINTER = 4;
    private static final long NO_SIBLING = 0xFFFFFFFFL;
    private static final int BASIC_BLOCK = 512;

    private final BlockDevice volume;
    private final Superblock superblock;
    private final WindowedReader blocks;
    private final FreeRuns free = new FreeRuns();
    private final ExtentSet.Builder own = ExtentSet.builder();
    private final long headerBlocks;

    Allocation(BlockDevice volume, Superblock superblock) {
        this.volume = volume;
        this.superblock = superblock;
        blocks = new WindowedReader(volume, ByteOrder.BIG_ENDIAN);
        headerBlocks = ((long) AG_SECTORS * superblock.sectorSize + superblock.blockSize - 1) / superblock.blockSize;
    }

    /** Returns the bytes that are used. */
    ExtentSet used() throws IOException, UnprovenException {
        long freeBlocks = 0;
        for (long ag = 0; ag < superblock.agCount; ag++) {
            freeBlocks += addGroup(ag);
        }
        if (freeBlocks != superblock.freeBlocks) {
            throw new CorruptImageException(
                    volume.name(),
                    0,
                    "the groups have " + freeBlocks + " free blocks, the superblock says " + superblock.freeBlocks);
        }
        own.add(superblock.logOffset(), superblock.logBlocks * superblock.blockSize);
        for (long offset : superblock.ownInodeOffsets()) {
            own.add(offset, superblock.blockSize);
        }
        ExtentSet runs = free.free();
        ExtentSet notFree = own.build();
        for (int run = 0; run < notFree.count(); run++) {
            if (runs.intersects(notFree.offset(run), notFree.end(run) - notFree.offset(run))) {
                throw new CorruptImageException(
                        volume.name(),
                        notFree.offset(run),
                        "part of the log, of a tree or of the filesystem's own inodes is free, up to "
                                + notFree.end(run));
            }
        }
        return runs.complement(0, volume.size());
    }

    /** Adds the free runs of a group, and returns how many blocks of it the superblock counts as free. */
    private long addGroup(long ag) throws IOException, UnprovenException {
        ByteBuffer agf = header(ag, AGF_SECTOR, AGF_MAGIC, AGF_CRC_AT, AGF_UUID_AT);
        Runs byBlock = new Runs(ag, true);
        walk(ag, BNOBT_MAGIC, unsigned(agf, 16), agf.getInt(28), byBlock);
        Runs byLength = new Runs(ag, false);
        walk(ag, CNTBT_MAGIC, unsigned(agf, 20), agf.getInt(32), byLength);
        if (byBlock.blocks != unsigned(agf, 52) || byBlock.longest != unsigned(agf, 56)) {
            throw damaged(
                    ag,
                    0,
                    "%d blocks are free, %d of them together, expected %d and %d"
                            .formatted(byBlock.blocks, byBlock.longest, unsigned(agf, 52), unsigned(agf, 56)));
        }
        if (byLength.blocks != byBlock.blocks || byLength.digest != byBlock.digest) {
            throw damaged(ag, unsigned(agf, 20), "the two trees of free runs differ");
        }
        addRoots(ag, agf, AGF_ROOTS_AT);
        addRoots(ag, header(ag, AGI_SECTOR, AGI_MAGIC, AGI_CRC_AT, AGI_UUID_AT), AGI_ROOTS_AT);
        addList(ag, agf.getInt(40), agf.getInt(44), agf.getInt(48));
        return byBlock.blocks + unsigned(agf, 48) + unsigned(agf, 60);
    }

    private static long unsigned(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    /** Reads the header of a group, or that of its inodes, which begin alike. */
    private ByteBuffer header(long ag, long sector, int magic, int crcAt, int uuidAt)
            throws IOException, UnprovenException {
        ByteBuffer header = headerSector(ag, sector);
        Superblock.checkChecksum(header, crcAt, "header in sector " + sector + " of group " + ag);
        if (header.getInt(0) != magic
                || header.getInt(4) != 1
                || header.getInt(8) != (int) ag
                || header.getInt(12) != (int) superblock.agLength(ag)
                || !superblock.owns(header, uuidAt)) {
            throw damaged(ag, 0, "header in sector " + sector + " of another group, size or filesystem");
        }
        return header;
    }

    private ByteBuffer headerSector(long ag, long sector) throws IOException {
        return blocks.read(superblock.offset(ag, 0) + sector * superblock.sectorSize, superblock.sectorSize);
    }

    /** Notes the root of each tree that there is; block 0 has a header and can be none. */
    private void addRoots(long ag, ByteBuffer header, int[] places) throws CorruptImageException {
        for (int at : places) {
            long root = unsigned(header, at);
            if (root >= superblock.agLength(ag)) {
                throw damaged(ag, root, "root of a tree outside the group");
            }
            own.add(superblock.offset(ag, root), superblock.blockSize);
        }
    }

    /** The records of a tree, as they come: in ascending order of what the tree is sorted by. */
    private final class Runs {
        private final long ag;
        private final boolean isByBlock;
        private long lastStart;
        private long lastCount;
        /** How many blocks all runs have. */
        long blocks;

        long longest;
        /** The same for the same runs in any order. */
        long digest;

        Runs(long ag, boolean isByBlock) {
            this.ag = ag;
            this.isByBlock = isByBlock;
            lastStart = isByBlock ? headerBlocks : 0;
        }

        void take(long agBlock, long start, long count) throws CorruptImageException {
            boolean ascends = isByBlock
                    ? start >= lastStart + lastCount
                    : count > lastCount || (count == lastCount && start > lastStart);
            if (!ascends || start < headerBlocks || count == 0 || count > superblock.agLength(ag) - start) {
                throw damaged(
                        ag,
                        agBlock,
                        "free run of %d blocks at %d after one of %d at %d"
                                .formatted(count, start, lastCount, lastStart));
            }
            if (isByBlock) {
                free.add(superblock.offset(ag, start), count * superblock.blockSize);
            }
            lastStart = start;
            lastCount = count;
            blocks += count;
            longest = Math.max(longest, count);
            long mixed = (start << Integer.SIZE | count) * 0x9E3779B97F4A7C15L;
            digest += (mixed ^ mixed >>> Integer.SIZE) * 0xD6E8FEB86659FD93L;
        }
    }

    private void walk(long ag, int magic, long root, int levels, Runs runs) throws IOException, UnprovenException {
        if (levels < 1 || levels > BTREE_MAX_LEVELS) {
            throw damaged(ag, root, "tree of " + levels + " levels");
        }
        long agBlock = root;
        int maxPointers = (superblock.blockSize - BTREE_HEADER) / (RECORD + POINTER);
        for (int level = levels - 1; level > 0; level--) {
            ByteBuffer node = treeBlock(ag, magic, agBlock, level, maxPointers);
            agBlock = unsigned(node, BTREE_HEADER + maxPointers * RECORD);
        }
        int maxRecords = (superblock.blockSize - BTREE_HEADER) / RECORD;
        while (agBlock != NO_SIBLING) {
            ByteBuffer leaf = treeBlock(ag, magic, agBlock, 0, maxRecords);
            int records = Short.toUnsignedInt(leaf.getShort(6));
            for (int record = 0; record < records; record++) {
                int at = BTREE_HEADER + record * RECORD;
                runs.take(agBlock, unsigned(leaf, at), unsigned(leaf, at + 4));
            }
            agBlock = unsigned(leaf, 12);
            if (records == 0 && (levels > 1 || agBlock != NO_SIBLING)) {
                throw damaged(ag, agBlock, "empty leaf");
            }
        }
    }

    private ByteBuffer treeBlock(long ag, int magic, long agBlock, int level, int maxEntries)
            throws IOException, UnprovenException {
        if (agBlock < headerBlocks || agBlock >= superblock.agLength(ag)) {
            throw damaged(ag, agBlock, "tree block outside the group");
        }
        long offset = superblock.offset(ag, agBlock);
        ByteBuffer block = blocks.read(offset, superblock.blockSize);
        Superblock.checkChecksum(block, BTREE_CRC_AT, "tree block " + agBlock + " of group " + ag);
        if (block.getInt(0) != magic
                || block.getShort(4) != level
                || Short.toUnsignedInt(block.getShort(6)) > maxEntries
                || (level > 0 && block.getShort(6) == 0)
                || block.getLong(16) != offset / BASIC_BLOCK
                || block.getInt(48) != (int) ag
                || !superblock.owns(block, BTREE_UUID_AT)) {
            throw damaged(ag, agBlock, "block of another tree, level, place or filesystem");
        }
        own.add(offset, superblock.blockSize);
        return block;
    }

    /**
     * Adds the blocks of a group's list, a ring from {@code first} to {@code last}. Kernels of different age disagree
     * about its size by one entry; a list for which that matters is left alone: its few blocks count as used.
     */
    private void addList(long ag, int first, int last, int count) throws IOException, UnprovenException {
        ByteBuffer agfl = headerSector(ag, AGFL_SECTOR);
        Superblock.checkChecksum(agfl, AGFL_CRC_AT, "AGFL of group " + ag);
        int size = (superblock.sectorSize - AGFL_HEADER) / POINTER;
        if (agfl.getInt(0) != AGFL_MAGIC || agfl.getInt(4) != (int) ag || !superblock.owns(agfl, AGFL_UUID_AT)) {
            throw damaged(ag, 0, "AGFL of another group or filesystem");
        }
        boolean inside = first >= 0 && first < size && last >= 0 && last < size;
        if (!inside || count != (last - first + size) % size + 1) {
            return;
        }
        for (int i = 0; i < count; i++) {
            long agBlock = unsigned(agfl, AGFL_HEADER + (first + i) % size * POINTER);
            if (agBlock < headerBlocks || agBlock >= superblock.agLength(ag)) {
                throw damaged(ag, 0, "free block " + agBlock + " outside the group");
            }
            free.add(superblock.offset(ag, agBlock), superblock.blockSize);
        }
    }

    private CorruptImageException damaged(long ag, long agBlock, String detail) {
        return new CorruptImageException(volume.name(), superblock.offset(ag, agBlock), "group " + ag + ": " + detail);
    }
}
