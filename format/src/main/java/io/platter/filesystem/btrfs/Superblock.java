package io.platter.filesystem.btrfs;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The superblock of Btrfs: what it says of the volume, and whether we may believe it.
 *
 * <p>Source: Linux {@code include/uapi/linux/btrfs_tree.h}, {@code struct btrfs_super_block}; the offsets are from there.
 */
final class Superblock {
    static final int SIZE = 4096;
    static final long PRIMARY = 64 << 10;
    /** The copies; one is there if the device has room for it. */
    static final List<Long> MIRRORS = List.of(64L << 20, 256L << 30);

    static final long BLOCK_GROUP_TREE = 1 << 3;

    private static final byte[] MAGIC = "_BHRfS_M".getBytes(StandardCharsets.US_ASCII);
    private static final int SYS_CHUNK_ARRAY_SIZE = 2048;
    /** {@code BTRFS_HEADER_FLAG_WRITTEN}; all other flags stand for errors, conversions, or dumps without data. */
    private static final long WRITTEN = 1;
    /** All up to NO_HOLES, METADATA_UUID, RAID1C34 and SIMPLE_QUOTA; none of them changes what an extent item means. */
    private static final long KNOWN_INCOMPATIBLE = 0xFFF | 1 << 16;

    private static final long METADATA_UUID = 1 << 10;
    /** FREE_SPACE_TREE, FREE_SPACE_TREE_VALID, VERITY and BLOCK_GROUP_TREE. */
    private static final long KNOWN_READ_ONLY = 0xF;

    final Checksum checksum;
    final String label;
    final byte[] fsid;
    final long generation;
    final Tree.Root root;
    final Tree.Root chunkRoot;
    final long logRoot;
    final long bytesUsed;
    final int sectorSize;
    final int nodeSize;
    final long deviceId;
    final long deviceSize;
    final byte[] deviceUuid;
    /** The chunk items that are needed to read the chunk tree, each after its key. */
    final byte[] systemChunks;

    private final long flags;
    private final long deviceCount;
    private final long readOnlyFeatures;
    private final long features;
    private final byte[] metadataUuid;
    private final boolean checksumMatches;
    private final long position;

    private Superblock(ByteReader in) throws CorruptImageException {
        byte[] bytes = in.readBytes(SIZE);
        checksum = Checksum.of(in.seek(0xC4).readU16());
        checksumMatches = checksum.matches(bytes);
        fsid = in.seek(0x20).readBytes(16);
        position = in.readI64();
        flags = in.readI64();
        generation = in.seek(0x48).readI64();
        long rootAt = in.readI64();
        long chunkRootAt = in.readI64();
        logRoot = in.readI64();
        bytesUsed = in.seek(0x78).readI64();
        deviceCount = in.seek(0x88).readI64();
        sectorSize = in.readI32();
        nodeSize = in.readI32();
        int systemChunksSize = in.seek(0xA0).readI32();
        long chunkRootGeneration = in.readI64();
        readOnlyFeatures = in.seek(0xB4).readI64();
        features = in.readI64();
        root = new Tree.Root(Tree.ROOT_TREE, rootAt, in.seek(0xC6).readU8(), generation);
        chunkRoot = new Tree.Root(Tree.CHUNK_TREE, chunkRootAt, in.readU8(), chunkRootGeneration);
        deviceId = in.seek(0xC9).readI64();
        deviceSize = in.readI64();
        deviceUuid = in.seek(0xC9 + 66).readBytes(16);
        label = in.seek(0x12B).readText(256, StandardCharsets.UTF_8);
        metadataUuid = in.seek(0x23B).readBytes(16);
        in.seek(0x32B);
        systemChunks = systemChunksSize >= 0 && systemChunksSize <= SYS_CHUNK_ARRAY_SIZE
                ? in.readBytes(systemChunksSize)
                : new byte[0];
    }

    static boolean isPresent(BlockDevice volume, long at) throws IOException {
        return volume.size() >= at + SIZE
                && Arrays.equals(
                        ByteReader.read(volume, at + 0x40, MAGIC.length, ByteOrder.LITTLE_ENDIAN)
                                .readBytes(MAGIC.length),
                        MAGIC);
    }

    /** Reads the superblock at a place where one is present. */
    static Superblock read(BlockDevice volume, long at) throws IOException {
        return new Superblock(ByteReader.read(volume, at, SIZE, ByteOrder.LITTLE_ENDIAN));
    }

    /** Returns the identity that each node of a tree carries. */
    byte[] nodeFsid() {
        return (features & METADATA_UUID) != 0 ? metadataUuid : fsid;
    }

    boolean hasBlockGroupTree() {
        return (readOnlyFeatures & BLOCK_GROUP_TREE) != 0;
    }

    /** Checks all that must be so before a tree is read. */
    void check(BlockDevice volume) throws IOException, UnprovenException {
        checkContent();
        if (deviceCount != 1) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the filesystem has " + deviceCount + " devices");
        }
        if (logRoot != 0) {
            throw new UnprovenException(Reason.JOURNAL_DIRTY, "a log tree at " + logRoot + " waits to be replayed");
        }
        if (Long.compareUnsigned(deviceSize, volume.size()) > 0) {
            throw new UnprovenException(
                    Reason.TRUNCATED, "the device has " + deviceSize + " bytes, the volume " + volume.size());
        }
        for (long mirror : MIRRORS) {
            if (mirror + SIZE <= deviceSize && isPresent(volume, mirror)) {
                checkMirror(read(volume, mirror));
            }
        }
    }

    private void checkContent() throws UnprovenException {
        if (!checksum.isKnown()) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "checksums are " + checksum);
        }
        if (!checksumMatches) {
            throw new UnprovenException(Reason.CHECKSUM, "the " + checksum + " of the superblock does not match");
        }
        long unknown = features & ~KNOWN_INCOMPATIBLE;
        long unknownReadOnly = readOnlyFeatures & ~KNOWN_READ_ONLY;
        if (unknown != 0 || unknownReadOnly != 0 || flags != WRITTEN) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE,
                    "incompatible features 0x%x, read-only compatible features 0x%x, flags 0x%x"
                            .formatted(unknown, unknownReadOnly, flags));
        }
        if (position != PRIMARY
                || !isPowerOfTwo(sectorSize, 512, 64 << 10)
                || !isPowerOfTwo(nodeSize, sectorSize, 64 << 10)) {
            throw new UnprovenException(
                    Reason.DAMAGED,
                    "superblock for offset %d with sectors of %d and nodes of %d bytes"
                            .formatted(position, sectorSize, nodeSize));
        }
    }

    /** A copy that is ahead tells that the primary was put back from somewhere, or was not written. */
    private void checkMirror(Superblock mirror) throws UnprovenException {
        if (mirror.checksumMatches && Arrays.equals(mirror.fsid, fsid) && mirror.generation > generation) {
            throw new UnprovenException(
                    Reason.DAMAGED,
                    "the superblock at %d is of generation %d, the one at %d of %d"
                            .formatted(mirror.position, mirror.generation, position, generation));
        }
    }

    private static boolean isPowerOfTwo(int value, int least, int most) {
        return value >= least && value <= most && Integer.bitCount(value) == 1;
    }
}
