package io.platter.filesystem.ext;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.bytes.SeededCrc;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The superblock of ext2, ext3 and ext4, whose first copy stands 1024 bytes from the start of the volume.
 *
 * <p>Names and places are those of the kernel's {@code Documentation/filesystems/ext4/super.rst}, without the {@code
 * s_} in front. A count of clusters is a count of blocks where BIGALLOC is not set.
 */
final class Superblock {
    static final int OFFSET = 1024;
    static final int LENGTH = 1024;

    static final int COMPAT_HAS_JOURNAL = 0x4;
    static final int COMPAT_RESIZE_INODE = 0x10;
    static final int COMPAT_SPARSE_SUPER2 = 0x200;
    static final int COMPAT_ORPHAN_FILE = 0x1000;

    static final int INCOMPAT_RECOVER = 0x4;
    static final int INCOMPAT_JOURNAL_DEV = 0x8;
    static final int INCOMPAT_META_BG = 0x10;
    static final int INCOMPAT_64BIT = 0x80;
    static final int INCOMPAT_MMP = 0x100;
    static final int INCOMPAT_CSUM_SEED = 0x2000;
    /**
     * FILETYPE, RECOVER, JOURNAL_DEV, META_BG, EXTENTS, 64BIT, MMP, FLEX_BG, EA_INODE, CSUM_SEED, LARGEDIR, INLINE_DATA,
     * ENCRYPT, CASEFOLD.
     */
    private static final int INCOMPAT_KNOWN = 0x3E7DE;

    static final int RO_COMPAT_SPARSE_SUPER = 0x1;
    static final int RO_COMPAT_GDT_CSUM = 0x10;
    static final int RO_COMPAT_QUOTA = 0x100;
    static final int RO_COMPAT_BIGALLOC = 0x200;
    static final int RO_COMPAT_METADATA_CSUM = 0x400;
    static final int RO_COMPAT_PROJECT = 0x2000;
    /**
     * SPARSE_SUPER, LARGE_FILE, BTREE_DIR, HUGE_FILE, GDT_CSUM, DIR_NLINK, EXTRA_ISIZE, QUOTA, BIGALLOC, METADATA_CSUM,
     * READONLY, PROJECT, SHARED_BLOCKS, VERITY, ORPHAN_PRESENT. Like BIGALLOC, an unknown one may change what a bit of a
     * bitmap means.
     */
    private static final int RO_COMPAT_KNOWN = 0x1F77F;

    /** What ext3 may have set; anything more makes it ext4. */
    private static final int INCOMPAT_EXT3 = 0x16;

    private static final int RO_COMPAT_EXT3 = 0x7;

    private static final int MAGIC = 0xEF53;
    private static final int STATE_CLEAN = 1;
    private static final int STATE_ERRORS = 2;
    private static final int STATE_ORPHANS = 4;
    private static final int CHECKSUM_CRC32C = 1;
    private static final int CHECKSUM_AT = 0x3FC;
    private static final int MAX_LOG_BLOCK_SIZE = 6;
    private static final int MAX_LOG_CLUSTER_SIZE = 20;
    /** What mke2fs makes at least. */
    private static final int MIN_BLOCKS_PER_GROUP = 256;

    private static final int MAX_DESC_SIZE = 1024;

    private final ByteBuffer bytes;
    private final String device;
    private final int state;
    private final int logClusterSize;

    final int blockSize;
    final long blocksCount;
    final long firstDataBlock;
    final long blocksPerGroup;
    final long clustersPerGroup;
    final long inodesPerGroup;
    final long inodesCount;
    final int inodeSize;
    final int compat;
    final int incompat;
    final int roCompat;
    final byte[] uuid;
    final String volumeName;
    final int reservedGdtBlocks;
    final long freeBlocks;
    final long freeInodes;
    final long journalInum;
    final int descSize;
    final long firstMetaBg;
    final long[] backupBgs;
    final long mmpBlock;

    private Superblock(BlockDevice volume, ByteBuffer bytes) throws CorruptImageException {
        this.bytes = bytes;
        device = volume.name();
        ByteReader in = ByteReader.of(bytes, ByteOrder.LITTLE_ENDIAN, device, OFFSET);
        compat = in.seek(0x5C).readI32();
        incompat = in.readI32();
        roCompat = in.readI32();
        uuid = in.readBytes(16);
        volumeName = in.readText(16, StandardCharsets.UTF_8);
        inodesCount = in.seek(0).readU32();
        long blocksLow = in.readU32();
        long freeBlocksLow = in.seek(0xC).readU32();
        freeInodes = in.readU32();
        firstDataBlock = in.seek(0x14).readU32();
        blockSize = 1024 << in.readU32();
        logClusterSize = (int) Math.min(in.readU32(), Integer.MAX_VALUE);
        blocksPerGroup = in.readU32();
        long rawClustersPerGroup = in.readU32();
        clustersPerGroup = hasRoCompat(RO_COMPAT_BIGALLOC) ? rawClustersPerGroup : blocksPerGroup;
        inodesPerGroup = in.readU32();
        state = in.seek(0x3A).readU16();
        boolean dynamic = in.seek(0x4C).readU32() > 0;
        inodeSize = dynamic ? in.seek(0x58).readU16() : 128;
        reservedGdtBlocks = in.seek(0xCE).readU16();
        journalInum = in.seek(0xE0).readU32();
        int rawDescSize = in.seek(0xFE).readU16();
        descSize = hasIncompat(INCOMPAT_64BIT) ? rawDescSize : 32;
        firstMetaBg = hasIncompat(INCOMPAT_META_BG) ? in.seek(0x104).readU32() : Long.MAX_VALUE;
        blocksCount = blocksLow | (hasIncompat(INCOMPAT_64BIT) ? in.seek(0x150).readU32() << 32 : 0);
        freeBlocks =
                freeBlocksLow | (hasIncompat(INCOMPAT_64BIT) ? in.seek(0x158).readU32() << 32 : 0);
        mmpBlock = in.seek(0x168).readI64();
        backupBgs = new long[] {in.seek(0x24C).readU32(), in.readU32()};
    }

    /** Returns the superblock of a volume, if there is one. */
    static Optional<Superblock> read(BlockDevice volume) throws IOException {
        if (volume.size() < OFFSET + LENGTH) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        volume.read(bytes, OFFSET);
        bytes.flip();
        boolean recognised = Short.toUnsignedInt(bytes.getShort(0x38)) == MAGIC
                && Integer.compareUnsigned(bytes.getInt(0x18), MAX_LOG_BLOCK_SIZE) <= 0
                && Integer.compareUnsigned(bytes.getInt(0x4C), 1) <= 0;
        return recognised ? Optional.of(new Superblock(volume, bytes)) : Optional.empty();
    }

    boolean hasCompat(int feature) {
        return (compat & feature) != 0;
    }

    boolean hasIncompat(int feature) {
        return (incompat & feature) != 0;
    }

    boolean hasRoCompat(int feature) {
        return (roCompat & feature) != 0;
    }

    /** Returns the name of the filesystem, by the features that only its successor has. */
    String name() {
        if (hasIncompat(INCOMPAT_JOURNAL_DEV)) {
            return "ext-journal";
        }
        if ((incompat & ~INCOMPAT_EXT3) != 0 || (roCompat & ~RO_COMPAT_EXT3) != 0) {
            return "ext4";
        }
        return hasCompat(COMPAT_HAS_JOURNAL) ? "ext3" : "ext2";
    }

    /** Returns the size of the unit that is handed out, in bytes. */
    int clusterSize() {
        return hasRoCompat(RO_COMPAT_BIGALLOC) && logClusterSize <= MAX_LOG_CLUSTER_SIZE
                ? 1024 << logClusterSize
                : blockSize;
    }

    /** Returns the number of groups. */
    long groups() {
        return (blocksCount - firstDataBlock + blocksPerGroup - 1) / blocksPerGroup;
    }

    /** Returns the numbers of the inodes, other than the reserved ones, that the superblock itself names. */
    List<Long> namedInodes() {
        List<Long> named = new ArrayList<>();
        if (hasCompat(COMPAT_HAS_JOURNAL)) {
            named.add(journalInum);
        }
        if (hasRoCompat(RO_COMPAT_QUOTA)) {
            named.add(unsigned(0x240));
            named.add(unsigned(0x244));
        }
        if (hasRoCompat(RO_COMPAT_PROJECT)) {
            named.add(unsigned(0x26C));
        }
        if (hasCompat(COMPAT_ORPHAN_FILE)) {
            named.add(unsigned(0x280));
        }
        named.removeIf(number -> number == 0);
        return named;
    }

    private long unsigned(int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    /** Returns the block that holds the superblock, of which {@link #groups()} descriptors follow. */
    long superblockBlock() {
        return OFFSET / blockSize;
    }

    /** Returns the seed of all checksums of this filesystem. */
    int checksumSeed() {
        return hasIncompat(INCOMPAT_CSUM_SEED)
                ? bytes.getInt(0x270)
                : SeededCrc.crc32c(-1).update(uuid).value();
    }

    /** Checks that this version knows all features, and that the superblock is sound and fits the volume. */
    void check(long volumeSize) throws CorruptImageException, UnprovenException {
        checkFeatures();
        checkChecksum();
        checkGeometry();
        if (Long.compareUnsigned(blocksCount, volumeSize / blockSize) > 0) {
            throw new UnprovenException(
                    Reason.TRUNCATED,
                    "the filesystem has " + Long.toUnsignedString(blocksCount) + " blocks of " + blockSize
                            + " bytes, the volume has " + volumeSize + " bytes");
        }
    }

    /** Checks that the filesystem was unmounted in order. */
    void checkState() throws UnprovenException {
        if (hasIncompat(INCOMPAT_RECOVER)) {
            throw new UnprovenException(Reason.JOURNAL_DIRTY, "the journal needs recovery");
        }
        if ((state & (STATE_CLEAN | STATE_ERRORS | STATE_ORPHANS)) != STATE_CLEAN) {
            throw new UnprovenException(
                    Reason.NOT_CLEAN, "state 0x%04x, expected 0x%04x".formatted(state, STATE_CLEAN));
        }
    }

    private void checkFeatures() throws UnprovenException {
        if (hasIncompat(INCOMPAT_JOURNAL_DEV)) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the journal of a filesystem on another device");
        }
        int unknownIncompat = incompat & ~INCOMPAT_KNOWN;
        int unknownRoCompat = roCompat & ~RO_COMPAT_KNOWN;
        if ((unknownIncompat | unknownRoCompat) != 0) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE,
                    "unknown features incompat 0x%x, ro_compat 0x%x".formatted(unknownIncompat, unknownRoCompat));
        }
        // Each places the descriptors in its own way: e2fsck takes one away, and Linux does not resize such a
        // filesystem.
        if (hasIncompat(INCOMPAT_META_BG) && (hasCompat(COMPAT_RESIZE_INODE) || reservedGdtBlocks != 0)) {
            throw new UnprovenException(
                    Reason.DAMAGED,
                    "META_BG together with RESIZE_INODE or with blocks reserved for descriptors: " + reservedGdtBlocks);
        }
    }

    private void checkChecksum() throws UnprovenException {
        if (!hasRoCompat(RO_COMPAT_METADATA_CSUM)) {
            return;
        }
        int type = Byte.toUnsignedInt(bytes.get(0x175));
        if (type != CHECKSUM_CRC32C) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "checksums of type " + type);
        }
        int stored = bytes.getInt(CHECKSUM_AT);
        int computed = SeededCrc.crc32c(-1).update(bytes.slice(0, CHECKSUM_AT)).value();
        if (stored != computed) {
            throw new UnprovenException(
                    Reason.CHECKSUM, "superblock: stored %08x, computed %08x".formatted(stored, computed));
        }
    }

    private void checkGeometry() throws CorruptImageException {
        long ratio = clusterSize() / blockSize;
        boolean sound = ratio > 0
                && (!hasRoCompat(RO_COMPAT_BIGALLOC) || logClusterSize <= MAX_LOG_CLUSTER_SIZE)
                && firstDataBlock <= superblockBlock()
                && blocksCount > firstDataBlock
                && blocksPerGroup >= MIN_BLOCKS_PER_GROUP
                && clustersPerGroup <= 8L * blockSize
                && clustersPerGroup % 8 == 0
                && clustersPerGroup * ratio == blocksPerGroup
                && descSize >= (hasIncompat(INCOMPAT_64BIT) ? 64 : 32)
                && descSize <= MAX_DESC_SIZE
                && Integer.bitCount(descSize) == 1
                && inodeSize >= 128
                && inodeSize <= blockSize
                && Integer.bitCount(inodeSize) == 1
                && inodesPerGroup > 0
                && inodesPerGroup <= 8L * blockSize
                && groups() * inodesPerGroup == inodesCount;
        if (!sound) {
            throw new CorruptImageException(
                    device,
                    OFFSET,
                    "superblock of %d blocks of %d bytes, clusters of %d, %d blocks and %d inodes a group contradicts itself"
                            .formatted(blocksCount, blockSize, clusterSize(), blocksPerGroup, inodesPerGroup));
        }
    }
}
