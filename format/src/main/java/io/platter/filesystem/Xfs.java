package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * XFS version 5: each allocation group has a tree of its free runs (bnobt), sorted by block, and a list of free blocks
 * that are set aside for the trees (AGFL).
 *
 * <p>Only what these two name is free. Every block that is read must fit its checksum, its place, its group and this
 * filesystem's identity, and the runs must ascend and add up to what the group's header (AGF) says. XFS has no mark of a
 * clean unmount: {@link XfsLog} looks for it.
 *
 * <p>Source: "XFS Algorithms &amp; Data Structures", 3rd edition, chapters "Allocation Groups" and "Journaling Log".
 */
final class Xfs implements Filesystem {
    @Override
    public String name() {
        return "xfs";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<XfsSuperblock> found = XfsSuperblock.read(volume);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        XfsSuperblock superblock = found.get();
        AllocationMap map = new AllocationMap(
                name(),
                superblock.fsName,
                Uuids.text(superblock.uuid),
                volume.size(),
                superblock.blockSize,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(map.proven(() -> {
            superblock.check(volume.size());
            new XfsLog(volume, superblock).requireUnmounted();
            return new Reader(volume, superblock).used();
        }));
    }

    /** Reads the free runs of one filesystem. */
    private static final class Reader {
        private static final int AGF_MAGIC = 0x58414746; // XAGF
        private static final int AGFL_MAGIC = 0x5841464C; // XAFL
        private static final int BNOBT_MAGIC = 0x41423342; // AB3B
        private static final int AGF_SECTOR = 1;
        private static final int AGFL_SECTOR = 3;
        private static final int AG_SECTORS = 4;
        private static final int AGF_CRC_AT = 216;
        private static final int AGF_UUID_AT = 64;
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
        private final XfsSuperblock superblock;
        private final ReadAhead blocks;
        private final FreeRuns free = new FreeRuns();
        private final long headerBlocks;

        Reader(BlockDevice volume, XfsSuperblock superblock) {
            this.volume = volume;
            this.superblock = superblock;
            blocks = new ReadAhead(volume, ByteOrder.BIG_ENDIAN);
            headerBlocks =
                    ((long) AG_SECTORS * superblock.sectorSize + superblock.blockSize - 1) / superblock.blockSize;
        }

        ExtentSet used() throws IOException, UnprovenException {
            for (long ag = 0; ag < superblock.agCount; ag++) {
                addGroup(ag);
            }
            ExtentSet runs = free.free();
            if (runs.intersects(superblock.logOffset(), superblock.logBlocks * superblock.blockSize)) {
                throw new CorruptImageException(volume.name(), superblock.logOffset(), "part of the log is free");
            }
            return runs.complement(0, volume.size());
        }

        private void addGroup(long ag) throws IOException, UnprovenException {
            ByteBuffer agf = headerSector(ag, AGF_SECTOR);
            XfsSuperblock.checkChecksum(agf, AGF_CRC_AT, "AGF of group " + ag);
            long length = superblock.agLength(ag);
            if (agf.getInt(0) != AGF_MAGIC
                    || agf.getInt(4) != 1
                    || agf.getInt(8) != (int) ag
                    || agf.getInt(12) != (int) length
                    || !superblock.owns(agf, AGF_UUID_AT)) {
                throw damaged(ag, 0, "AGF of another group, size or filesystem");
            }
            long freeBlocks = addTree(ag, Integer.toUnsignedLong(agf.getInt(16)), agf.getInt(28));
            if (freeBlocks != Integer.toUnsignedLong(agf.getInt(52))) {
                throw damaged(
                        ag, 0, freeBlocks + " blocks are free, expected " + Integer.toUnsignedLong(agf.getInt(52)));
            }
            addList(ag, agf.getInt(40), agf.getInt(44), agf.getInt(48));
        }

        private ByteBuffer headerSector(long ag, long sector) throws IOException {
            return blocks.read(superblock.offset(ag, 0) + sector * superblock.sectorSize, superblock.sectorSize);
        }

        private long addTree(long ag, long root, int levels) throws IOException, UnprovenException {
            if (levels < 1 || levels > BTREE_MAX_LEVELS) {
                throw damaged(ag, root, "tree of " + levels + " levels");
            }
            long agBlock = root;
            int maxPointers = (superblock.blockSize - BTREE_HEADER) / (RECORD + POINTER);
            for (int level = levels - 1; level > 0; level--) {
                ByteBuffer node = treeBlock(ag, agBlock, level, maxPointers);
                agBlock = Integer.toUnsignedLong(node.getInt(BTREE_HEADER + maxPointers * RECORD));
            }
            int maxRecords = (superblock.blockSize - BTREE_HEADER) / RECORD;
            long end = headerBlocks;
            long sum = 0;
            while (agBlock != NO_SIBLING) {
                ByteBuffer leaf = treeBlock(ag, agBlock, 0, maxRecords);
                int records = Short.toUnsignedInt(leaf.getShort(6));
                for (int record = 0; record < records; record++) {
                    long start = Integer.toUnsignedLong(leaf.getInt(BTREE_HEADER + record * RECORD));
                    long count = Integer.toUnsignedLong(leaf.getInt(BTREE_HEADER + record * RECORD + 4));
                    if (start < end || count == 0 || count > superblock.agLength(ag) - start) {
                        throw damaged(ag, agBlock, "free run of " + count + " blocks at " + start + " after " + end);
                    }
                    free.add(superblock.offset(ag, start), count * superblock.blockSize);
                    end = start + count;
                    sum += count;
                }
                agBlock = Integer.toUnsignedLong(leaf.getInt(12));
                if (records == 0 && (levels > 1 || agBlock != NO_SIBLING)) {
                    throw damaged(ag, agBlock, "empty leaf");
                }
            }
            return sum;
        }

        private ByteBuffer treeBlock(long ag, long agBlock, int level, int maxEntries)
                throws IOException, UnprovenException {
            if (agBlock < headerBlocks || agBlock >= superblock.agLength(ag)) {
                throw damaged(ag, agBlock, "tree block outside the group");
            }
            long offset = superblock.offset(ag, agBlock);
            ByteBuffer block = blocks.read(offset, superblock.blockSize);
            XfsSuperblock.checkChecksum(block, BTREE_CRC_AT, "tree block " + agBlock + " of group " + ag);
            if (block.getInt(0) != BNOBT_MAGIC
                    || block.getShort(4) != level
                    || Short.toUnsignedInt(block.getShort(6)) > maxEntries
                    || (level > 0 && block.getShort(6) == 0)
                    || block.getLong(16) != offset / BASIC_BLOCK
                    || block.getInt(48) != (int) ag
                    || !superblock.owns(block, BTREE_UUID_AT)) {
                throw damaged(ag, agBlock, "block of another tree, level, place or filesystem");
            }
            return block;
        }

        /**
         * Adds the blocks of a group's list, a ring from {@code first} to {@code last}. Kernels of different age disagree
         * about its size by one entry; a list for which that matters is left alone: its few blocks count as used.
         */
        private void addList(long ag, int first, int last, int count) throws IOException, UnprovenException {
            ByteBuffer agfl = headerSector(ag, AGFL_SECTOR);
            XfsSuperblock.checkChecksum(agfl, AGFL_CRC_AT, "AGFL of group " + ag);
            int size = (superblock.sectorSize - AGFL_HEADER) / POINTER;
            if (agfl.getInt(0) != AGFL_MAGIC || agfl.getInt(4) != (int) ag || !superblock.owns(agfl, AGFL_UUID_AT)) {
                throw damaged(ag, 0, "AGFL of another group or filesystem");
            }
            boolean inside = first >= 0 && first < size && last >= 0 && last < size;
            if (!inside || count != (last - first + size) % size + 1) {
                return;
            }
            for (int i = 0; i < count; i++) {
                long agBlock = Integer.toUnsignedLong(agfl.getInt(AGFL_HEADER + (first + i) % size * POINTER));
                if (agBlock < headerBlocks || agBlock >= superblock.agLength(ag)) {
                    throw damaged(ag, 0, "free block " + agBlock + " outside the group");
                }
                free.add(superblock.offset(ag, agBlock), superblock.blockSize);
            }
        }

        private CorruptImageException damaged(long ag, long agBlock, String detail) {
            return new CorruptImageException(
                    volume.name(), superblock.offset(ag, agBlock), "group " + ag + ": " + detail);
        }
    }
}
