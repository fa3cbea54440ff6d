package io.platter.filesystem.readonly;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import io.platter.bytes.SeededCrc;
import io.platter.bytes.Uuids;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * EROFS on one device.
 *
 * <p>Source: Linux {@code fs/erofs/erofs_fs.h}, {@code struct erofs_super_block}; the offsets are from there.
 */
public final class Erofs implements Filesystem {
    private static final int OFFSET = 1024;
    private static final int SIZE = 128;
    private static final int MAGIC = 0xE0F5E1E2;
    /** All up to XATTR_PREFIXES; the next one, 48BIT, changes where the number of blocks stands. */
    private static final int KNOWN_INCOMPATIBLE = 0x7F;

    private static final int CHECKSUM = 0x1;

    @Override
    public String name() {
        return "erofs";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<ByteReader> superblock = superblock(volume);
        if (superblock.isEmpty()) {
            return Optional.empty();
        }
        ByteReader in = superblock.get();
        int blockBits = in.seek(12).readU8();
        String uuid = Uuids.text(in.seek(48).readBytes(16));
        String label = in.readText(16, StandardCharsets.UTF_8);
        AllocationMap map = new AllocationMap(
                name(),
                label,
                uuid,
                volume.size(),
                blockBits < 9 || blockBits > 16 ? 0 : 1 << blockBits,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> ReadOnlyImage.used(volume, end(volume, in, blockBits))));
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        Optional<ByteReader> superblock = superblock(volume);
        return superblock.isPresent()
                ? end(volume, superblock.get(), superblock.get().seek(12).readU8())
                : 0;
    }

    private static Optional<ByteReader> superblock(BlockDevice volume) throws IOException {
        if (volume.size() < OFFSET + SIZE) {
            return Optional.empty();
        }
        ByteReader in = ByteReader.read(volume, OFFSET, SIZE, ByteOrder.LITTLE_ENDIAN);
        return in.readI32() == MAGIC ? Optional.of(in) : Optional.empty();
    }

    private static long end(BlockDevice volume, ByteReader in, int blockBits) throws IOException, UnprovenException {
        int features = in.seek(80).readI32() & ~KNOWN_INCOMPATIBLE;
        if (features != 0) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "incompatible features 0x%x".formatted(features));
        }
        int extraDevices = in.seek(86).readU16();
        if (extraDevices != 0) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, extraDevices + " more devices hold its blocks");
        }
        long blocks = in.seek(36).readU32();
        if (blockBits < 9 || blockBits > 16 || (blocks << blockBits) < OFFSET + SIZE) {
            throw in.corrupt(12, blocks + " blocks of 2^" + blockBits + " bytes");
        }
        if ((in.seek(8).readI32() & CHECKSUM) != 0) {
            checkChecksum(volume, in.seek(4).readI32(), Math.max(1 << blockBits, OFFSET + SIZE));
        }
        return blocks << blockBits;
    }

    /** The checksum is of all from the superblock to the end of its block, with zeros in its own place. */
    private static void checkChecksum(BlockDevice volume, int stored, int end) throws IOException, UnprovenException {
        byte[] bytes = ByteReader.read(volume, OFFSET, end - OFFSET, ByteOrder.LITTLE_ENDIAN)
                .readBytes(end - OFFSET);
        ByteBuffer.wrap(bytes).putInt(4, 0);
        int computed = SeededCrc.crc32c(-1).update(bytes).value();
        if (computed != stored) {
            throw new UnprovenException(
                    Reason.CHECKSUM,
                    "CRC-32C of the superblock: stored %08x, computed %08x".formatted(stored, computed));
        }
    }
}
