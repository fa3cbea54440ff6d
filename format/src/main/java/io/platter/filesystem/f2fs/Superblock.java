package io.platter.filesystem.f2fs;

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
import java.util.Arrays;

/**
 * The superblock of F2FS, at 1024 bytes in the first block, with a copy in the second: where the areas are.
 *
 * <p>Source: Linux {@code include/linux/f2fs_fs.h}, {@code struct f2fs_super_block}; the offsets are from there.
 */
final class Superblock {
    static final int BLOCK = 4096;
    static final int BLOCKS_PER_SEGMENT = 512;

    /** Also the seed of the checksums. */
    static final int MAGIC = 0xF2F52010;

    private static final int OFFSET = 1024;
    private static final int SIZE = 3072;
    /** Up to the name of the volume; what follows may be written without the copy. */
    private static final int GEOMETRY_SIZE = 124;

    private static final int CRC_OFFSET = 3068;
    private static final long ZONED = 0x2;
    private static final long SUPERBLOCK_CHECKSUM = 0x800;
    /** All from ENCRYPT to RO but zoned devices; none of them changes what the segment table means. */
    private static final long KNOWN_FEATURES = 0x7FFF & ~ZONED;

    final String label;
    final byte[] uuid;
    /** How many blocks the filesystem has. */
    final long blocks;
    /** How many segments of the main area there are, in which all files and nodes stand. */
    final int mainSegments;
    /** The addresses of the areas, in blocks. */
    final long checkpointStart;

    final long sitStart;
    final long mainStart;
    /** How many blocks one of the two copies of the segment table has. */
    final long sitBlocks;
    /** How many more blocks the first part of a checkpoint has, for bitmaps that have no room in the first. */
    final long checkpointPayload;

    private final byte[] bytes;
    private final long features;
    private final boolean hasDevices;

    private Superblock(ByteReader in) throws CorruptImageException {
        bytes = in.readBytes(SIZE);
        blocks = in.seek(36).readI64();
        sitBlocks = in.seek(56).readU32() / 2 * BLOCKS_PER_SEGMENT;
        mainSegments = in.seek(68).readI32();
        checkpointStart = in.seek(76).readU32();
        sitStart = in.readU32();
        mainStart = in.seek(92).readU32();
        uuid = in.seek(108).readBytes(16);
        label = in.readText(1024, StandardCharsets.UTF_16LE);
        checkpointPayload = in.seek(1664).readU32();
        features = in.seek(2180).readU32();
        hasDevices = in.seek(2201).readU8() != 0;
    }

    /** Tells whether one of the two superblocks is there. */
    static boolean isPresent(BlockDevice volume) throws IOException {
        return volume.size() >= 2 * BLOCK
                && (reader(volume, 0).readI32() == MAGIC
                        || reader(volume, BLOCK).readI32() == MAGIC);
    }

    static Superblock read(BlockDevice volume) throws IOException {
        return new Superblock(reader(volume, 0));
    }

    private static ByteReader reader(BlockDevice volume, long block) throws IOException {
        return ByteReader.read(volume, block + OFFSET, SIZE, ByteOrder.LITTLE_ENDIAN);
    }

    /** Checks all that must be so before another block is read. */
    void check(BlockDevice volume) throws IOException, UnprovenException {
        ByteReader in = reader(volume, 0);
        byte[] copy = reader(volume, BLOCK).readBytes(GEOMETRY_SIZE);
        if (in.readI32() != MAGIC || !Arrays.equals(copy, Arrays.copyOf(bytes, GEOMETRY_SIZE))) {
            throw new UnprovenException(Reason.DAMAGED, "the two superblocks differ");
        }
        if ((features & SUPERBLOCK_CHECKSUM) != 0
                && in.seek(CRC_OFFSET).readI32()
                        != SeededCrc.crc32(MAGIC)
                                .update(ByteBuffer.wrap(bytes, 0, CRC_OFFSET))
                                .value()) {
            throw new UnprovenException(Reason.CHECKSUM, "the CRC-32 of the superblock does not match");
        }
        if ((features & ~KNOWN_FEATURES) != 0) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "features 0x%x".formatted(features & ~KNOWN_FEATURES));
        }
        if (hasDevices) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the superblock lists devices");
        }
        checkUnits(in);
        checkAreas(in);
        if (blocks > volume.size() / BLOCK) {
            throw new UnprovenException(
                    Reason.TRUNCATED,
                    "the filesystem has %d blocks, %d bytes are there".formatted(blocks, volume.size()));
        }
    }

    private static void checkUnits(ByteReader in) throws CorruptImageException, UnprovenException {
        long logSector = in.seek(8).readU32();
        long logSectorsPerBlock = in.readU32();
        long logBlock = in.readU32();
        long logBlocksPerSegment = in.readU32();
        if (logBlock != 12 || logBlocksPerSegment != 9) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE,
                    "blocks of 2^%d bytes, segments of 2^%d blocks".formatted(logBlock, logBlocksPerSegment));
        }
        if (logSector < 9 || logSector + logSectorsPerBlock != logBlock) {
            throw in.corrupt(8, "2^" + logSectorsPerBlock + " sectors of 2^" + logSector + " bytes in a block");
        }
    }

    /** The areas must follow each other without a gap, in their order, and end within the filesystem. */
    private void checkAreas(ByteReader in) throws CorruptImageException {
        long[] segments = new long[6];
        long all = in.seek(48).readU32();
        for (int i = 1; i < segments.length; i++) {
            segments[i] = in.readU32();
        }
        long expected = in.readU32();
        for (int i = 1; i < segments.length; i++) {
            long start = in.readU32();
            if (start != expected) {
                throw in.corrupt(in.position() - 4, "area at block " + start + ", expected " + expected);
            }
            expected += segments[i] * BLOCKS_PER_SEGMENT;
        }
        long main = segments[5];
        long sitEntries = sitBlocks * Checkpoint.SIT_ENTRIES_PER_BLOCK;
        if (checkpointStart < 2
                || segments[1] != 2
                || main < 1
                || main > Math.min(all, Math.min(sitEntries, Integer.MAX_VALUE))
                || blocks < expected) {
            throw in.corrupt(
                    48,
                    "%d segments, of which %d main ones up to block %d of %d, and room for %d in the table"
                            .formatted(all, main, expected, blocks, sitEntries));
        }
    }
}
