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

/**
 * The groups of ext2, ext3 and ext4: where their descriptors, copies of the superblock, bitmaps and inode tables are.
 *
 * <p>All groups are equally long, only the last may be shorter. Descriptors stand one after the other past the
 * superblock; with META_BG, those from {@code first_meta_bg} on stand in the first group of all those whose descriptors
 * fill a block, with copies in the second and the last of them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Groups {
    private static final int FLAG_INODE_UNINIT = 0x1;
    private static final int FLAG_BLOCK_UNINIT = 0x2;
    private static final int CHECKSUM_AT = 0x1E;
    /** How many groups' metadata is gathered before runs that touch become one. */
    private static final int BATCH = 1 << 17;

    private final BlockDevice volume;
    private final Superblock superblock;
    private final WindowedReader descriptors;
    private final int descPerBlock;
    private final int seed;

    Groups(BlockDevice volume, Superblock superblock) {
        this.volume = volume;
        this.superblock = superblock;
        descriptors = new WindowedReader(volume, ByteOrder.LITTLE_ENDIAN);
        descPerBlock = superblock.blockSize / superblock.descSize;
        seed = superblock.checksumSeed();
    }

    /**
     * A group's descriptor. All blocks are counted from the start of the filesystem.
     *
     * @param freeClusters how many clusters of the group are free
     * @param freeInodes how many of its inodes are free
     * @param unusedInodes how many inodes at the end of the table were never used; 0 where nobody counts them
     * @param blocksUnset whether the block bitmap was never written: only metadata is used then
     * @param inodesUnset whether the inode bitmap was never written: no inode is used then
     * @param blockChecksum the checksum of the block bitmap, or its lower half if descriptors have 32 bytes
     * @param inodeChecksum the same of the inode bitmap
     */
    record Descriptor(
            long group,
            long blockBitmap,
            long inodeBitmap,
            long inodeTable,
            long freeClusters,
            long freeInodes,
            long unusedInodes,
            boolean blocksUnset,
            boolean inodesUnset,
            int blockChecksum,
            int inodeChecksum) {}

    /** Returns the first block of a group. */
    long firstBlock(long group) {
        return superblock.firstDataBlock + group * superblock.blocksPerGroup;
    }

    /** Returns the first block past a group. */
    long endBlock(long group) {
        return Math.min(firstBlock(group + 1), superblock.blocksCount);
    }

    /** Reads a descriptor, and checks that it fits its checksum, and what it points to the filesystem. */
    Descriptor descriptor(long group) throws IOException, UnprovenException {
        long block = descriptorBlock(group / descPerBlock);
        long offset = block * superblock.blockSize + group % descPerBlock * superblock.descSize;
        ByteBuffer bytes = descriptors.read(offset, superblock.descSize);
        boolean checksummed = checkChecksum(group, bytes);
        int flags = bytes.getShort(0x12);
        return new Descriptor(
                group,
                block(bytes, 0x0, 0x20, 1, offset),
                block(bytes, 0x4, 0x24, 1, offset),
                block(bytes, 0x8, 0x28, inodeTableBlocks(), offset),
                both(bytes, 0xC, 0x2C),
                both(bytes, 0xE, 0x2E),
                checksummed ? both(bytes, 0x1C, 0x32) : 0,
                checksummed && (flags & FLAG_BLOCK_UNINIT) != 0,
                checksummed && (flags & FLAG_INODE_UNINIT) != 0,
                both(bytes, 0x18, 0x38),
                both(bytes, 0x1A, 0x3A));
    }

    private int both(ByteBuffer bytes, int low, int high) {
        return half(bytes, low) | (isWide() ? half(bytes, high) << Short.SIZE : 0);
    }

    private boolean isWide() {
        return superblock.descSize >= 64;
    }

    private static int half(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }

    private long block(ByteBuffer bytes, int low, int high, long count, long offset) throws CorruptImageException {
        long block = Integer.toUnsignedLong(bytes.getInt(low)) | (isWide() ? (long) bytes.getInt(high) << 32 : 0);
        if (block <= superblock.superblockBlock() || block > superblock.blocksCount - count) {
            throw new CorruptImageException(
                    volume.name(), offset + low, "block " + block + ", the filesystem has " + superblock.blocksCount);
        }
        return block;
    }

    private long inodeTableBlocks() {
        return (superblock.inodesPerGroup * superblock.inodeSize + superblock.blockSize - 1) / superblock.blockSize;
    }

    /** Returns whether descriptors have checksums at all. */
    private boolean checkChecksum(long group, ByteBuffer bytes) throws UnprovenException {
        int stored = half(bytes, CHECKSUM_AT);
        int computed;
        if (superblock.hasRoCompat(Superblock.RO_COMPAT_METADATA_CSUM)) {
            ByteBuffer copy = ByteBuffer.allocate(bytes.limit())
                    .put(bytes.duplicate())
                    .putShort(CHECKSUM_AT, (short) 0)
                    .flip();
            computed =
                    SeededCrc.crc32c(seed).updateInt((int) group).update(copy).value() & 0xFFFF;
        } else if (superblock.hasRoCompat(Superblock.RO_COMPAT_GDT_CSUM)) {
            int crc = crc16(0xFFFF, ByteBuffer.wrap(superblock.uuid));
            ByteBuffer number =
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, (int) group);
            crc = crc16(crc16(crc, number), bytes.slice(0, CHECKSUM_AT));
            computed = crc16(crc, bytes.slice(CHECKSUM_AT + 2, bytes.limit() - CHECKSUM_AT - 2));
        } else {
            return false;
        }
        if (stored != computed) {
            throw new UnprovenException(
                    Reason.CHECKSUM,
                    "descriptor of group %d: stored %04x, computed %04x".formatted(group, stored, computed));
        }
        return true;
    }

    /** CRC-16 with polynomial 0x8005, lowest bit first. */
    private static int crc16(int seed, ByteBuffer bytes) {
        int crc = seed;
        for (int i = 0; i < bytes.limit(); i++) {
            crc ^= Byte.toUnsignedInt(bytes.get(i));
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0xA001 : crc >>> 1;
            }
        }
        return crc;
    }

    /** Returns the block that holds the descriptors of a number of groups that fill one. */
    private long descriptorBlock(long index) {
        if (index < superblock.firstMetaBg) {
            return superblock.superblockBlock() + 1 + index;
        }
        return metaDescriptorBlock(index * descPerBlock);
    }

    private long metaDescriptorBlock(long group) {
        long start = Math.max(firstBlock(group), group == 0 ? superblock.superblockBlock() : 0);
        return start + (hasSuperblock(group) ? 1 : 0);
    }

    /** Tells whether a group starts with a copy of the superblock. */
    boolean hasSuperblock(long group) {
        if (group == 0) {
            return true;
        }
        if (superblock.hasCompat(Superblock.COMPAT_SPARSE_SUPER2)) {
            return group == superblock.backupBgs[0] || group == superblock.backupBgs[1];
        }
        return !superblock.hasRoCompat(Superblock.RO_COMPAT_SPARSE_SUPER)
                || group == 1
                || isPower(group, 3)
                || isPower(group, 5)
                || isPower(group, 7);
    }

    private static boolean isPower(long value, int base) {
        long power = base;
        while (power < value) {
            power *= base;
        }
        return power == value;
    }

    /** Returns the bytes of all that is not a file: these are used, whatever a bitmap says. */
    ExtentSet metadata() throws IOException, UnprovenException {
        ExtentSet.Builder start = ExtentSet.builder().add(0, Superblock.OFFSET + Superblock.LENGTH);
        addBlocks(start, 0, superblock.superblockBlock() + 1);
        ExtentSet all = start.build();
        for (long group = 0; group < superblock.groups(); group += BATCH) {
            all = all.union(metadata(group, Math.min(group + BATCH, superblock.groups())));
            if (all.count() > FreeRuns.MAX_RUNS) {
                throw new UnprovenException(Reason.LIMIT, "metadata in more than " + FreeRuns.MAX_RUNS + " pieces");
            }
        }
        return all;
    }

    private ExtentSet metadata(long from, long to) throws IOException, UnprovenException {
        ExtentSet.Builder superblocks = ExtentSet.builder();
        ExtentSet.Builder blockBitmaps = ExtentSet.builder();
        ExtentSet.Builder inodeBitmaps = ExtentSet.builder();
        ExtentSet.Builder inodeTables = ExtentSet.builder();
        for (long group = from; group < to; group++) {
            addSuperblockAndDescriptors(superblocks, group);
            Descriptor descriptor = descriptor(group);
            addBlocks(blockBitmaps, descriptor.blockBitmap(), 1);
            addBlocks(inodeBitmaps, descriptor.inodeBitmap(), 1);
            addBlocks(inodeTables, descriptor.inodeTable(), inodeTableBlocks());
        }
        return superblocks
                .addAll(blockBitmaps.build(), 0)
                .addAll(inodeBitmaps.build(), 0)
                .addAll(inodeTables.build(), 0)
                .build();
    }

    private void addSuperblockAndDescriptors(ExtentSet.Builder set, long group) {
        long metaGroup = group / descPerBlock;
        if (metaGroup >= superblock.firstMetaBg) {
            long position = group % descPerBlock;
            if (position == 0 || position == 1 || position == descPerBlock - 1) {
                addBlocks(set, metaDescriptorBlock(group), 1);
            }
        }
        if (hasSuperblock(group)) {
            long start = Math.max(firstBlock(group), group == 0 ? superblock.superblockBlock() : 0);
            addBlocks(set, start, 1);
            if (metaGroup < superblock.firstMetaBg) {
                addBlocks(set, start + 1, sequentialDescriptorBlocks());
            }
        }
    }

    private long sequentialDescriptorBlocks() {
        return superblock.hasIncompat(Superblock.INCOMPAT_META_BG)
                ? superblock.firstMetaBg
                : (superblock.groups() + descPerBlock - 1) / descPerBlock + superblock.reservedGdtBlocks;
    }

    private void addBlocks(ExtentSet.Builder set, long block, long count) {
        long end = Math.min(Math.addExact(block, count), superblock.blocksCount);
        set.add(block * superblock.blockSize, Math.max(end - block, 0) * superblock.blockSize);
    }
}
