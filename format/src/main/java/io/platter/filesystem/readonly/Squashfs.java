package io.platter.filesystem.readonly;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Squashfs 4.0.
 *
 * <p>Source: Linux {@code fs/squashfs/squashfs_fs.h}, {@code struct squashfs_super_block}; the offsets are from there.
 */
public final class Squashfs implements Filesystem {
    private static final int SIZE = 96;
    /** "hsqs", or "sqsh" in the versions before 4.0 on machines with the other byte order. */
    private static final int MAGIC = 0x73717368;
    /** The device is padded to this with zeros. */
    private static final int PADDING = 4096;

    @Override
    public String name() {
        return "squashfs";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<ByteReader> superblock = superblock(volume);
        if (superblock.isEmpty()) {
            return Optional.empty();
        }
        ByteReader in = superblock.get();
        AllocationMap map = new AllocationMap(
                name(), "", "", volume.size(), 1, VolumeState.CLEAN, Reason.NONE, "", ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> ReadOnlyImage.used(volume, end(volume, in))));
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        Optional<ByteReader> superblock = superblock(volume);
        return superblock.isPresent() ? end(volume, superblock.get()) : 0;
    }

    private static Optional<ByteReader> superblock(BlockDevice volume) throws IOException {
        if (volume.size() < SIZE) {
            return Optional.empty();
        }
        ByteReader in = ByteReader.read(volume, 0, SIZE, ByteOrder.LITTLE_ENDIAN);
        int magic = in.readI32();
        return magic == MAGIC || magic == Integer.reverseBytes(MAGIC) ? Optional.of(in) : Optional.empty();
    }

    private static long end(BlockDevice volume, ByteReader in) throws IOException, UnprovenException {
        int major = in.seek(28).readU16();
        int minor = in.readU16();
        if (major != 4 || minor != 0 || in.seek(0).readI32() != MAGIC) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "version " + major + "." + minor);
        }
        long blockSize = in.seek(12).readU32();
        int blockLog = in.seek(22).readU16();
        long bytesUsed = in.seek(40).readU63("size");
        long idTable = in.readI64();
        long inodeTable = in.seek(64).readI64();
        long directoryTable = in.readI64();
        boolean inOrder =
                SIZE <= inodeTable && inodeTable < directoryTable && directoryTable < idTable && idTable < bytesUsed;
        if (!inOrder || blockLog < 12 || blockLog > 20 || blockSize != 1L << blockLog) {
            throw in.corrupt(
                    12,
                    "blocks of %d = 2^%d bytes, tables of inodes at %d, directories at %d, ids at %d of %d"
                            .formatted(blockSize, blockLog, inodeTable, directoryTable, idTable, bytesUsed));
        }
        long padding = -bytesUsed & (PADDING - 1);
        return bytesUsed + Math.max(0, Math.min(padding, volume.size() - bytesUsed));
    }
}
