package io.platter.filesystem.hfsplus;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.MsbFirstBitmap;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * HFS+ and HFSX, also in the wrapper of an HFS volume, of which all is used then.
 *
 * <p>What is used is read from the allocation file, one bit a block. It has no checksums: it is believed only on a volume
 * that was unmounted in order, and if it has as many free blocks as the volume header says, and none that the special
 * files or the journal have. Source: Apple TN1150.
 */
public final class HfsPlus implements Filesystem {
    private static final int HFS = 0x4244;
    /** The start of a volume, up to and with the volume header. */
    private static final int START = VolumeHeader.OFFSET + VolumeHeader.SIZE;
    /** The end of a volume, from the copy of the volume header on. */
    private static final int END = 1024;

    private static final int ALLOCATION_FILE_ID = 6;
    private static final int EXTENT_KEY_LENGTH = 10;
    private static final int ROOT_PARENT_ID = 1;
    private static final int MAX_NAME = 255;
    /** How much of the allocation file is held at once, in bytes. */
    private static final int PIECE = 64 << 10;

    @Override
    public String name() {
        return "hfsplus";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        if (volume.size() < START) {
            return 0;
        }
        int signature = ByteReader.read(volume, VolumeHeader.OFFSET, Short.BYTES, ByteOrder.BIG_ENDIAN)
                .readU16();
        if (!isSignature(signature)) {
            return 0;
        }
        VolumeHeader header = VolumeHeader.read(volume);
        return Filesystem.bytes(header.totalBlocks, header.blockSize);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        if (volume.size() < START) {
            return Optional.empty();
        }
        ByteReader in = ByteReader.read(volume, VolumeHeader.OFFSET, VolumeHeader.SIZE, ByteOrder.BIG_ENDIAN);
        int signature = in.readU16();
        if (isSignature(signature)) {
            return map(volume, 0, volume.size());
        }
        if (signature != HFS || !isSignature(in.seek(0x7C).readU16())) {
            return Optional.empty();
        }
        long start = in.readU16();
        long count = in.readU16();
        long blockSize = in.seek(0x14).readU32();
        long offset = in.seek(0x1C).readU16() * 512L + start * blockSize;
        if (offset > volume.size() - START) {
            return Optional.of(AllocationMap.whole(
                    volume, name(), Reason.TRUNCATED, "%d blocks of %d at %d".formatted(count, blockSize, offset)));
        }
        return map(volume, offset, count * blockSize);
    }

    private static boolean isSignature(int value) {
        return value == VolumeHeader.HFS_PLUS || value == VolumeHeader.HFSX;
    }

    /** Maps a volume of which a part is HFS+; all others of its bytes are used. */
    private Optional<AllocationMap> map(BlockDevice whole, long offset, long length) throws IOException {
        BlockDevice volume = whole.slice(offset, Math.min(length, whole.size() - offset));
        VolumeHeader header = VolumeHeader.read(volume);
        AllocationMap map = new AllocationMap(
                header.isExtended ? "hfsx" : name(),
                label(header),
                header.uuid(),
                whole.size(),
                header.blockSize,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> {
            if (length > volume.size()) {
                throw new UnprovenException(
                        Reason.TRUNCATED, "%d bytes at %d in a volume of %d".formatted(length, offset, whole.size()));
            }
            return ExtentSet.builder()
                    .add(0, offset)
                    .addAll(used(volume, header), offset)
                    .add(offset + length, whole.size() - offset - length)
                    .build();
        }));
    }

    private static ExtentSet used(BlockDevice volume, VolumeHeader header) throws IOException, UnprovenException {
        header.checkClean();
        if (!header.allocation.isComplete()) {
            addOverflow(header);
        }
        FreeRuns free = new FreeRuns();
        long freeBlocks = 0;
        for (long block = 0; block < header.totalBlocks; block += 8L * PIECE) {
            int blocks = (int) Math.min(8L * PIECE, header.totalBlocks - block);
            int bytes = (blocks + 7) / 8;
            byte[] bitmap = header.allocation.read(block / 8, bytes).readBytes(bytes);
            freeBlocks +=
                    free.addClear(MsbFirstBitmap.reversed(bitmap), blocks, block * header.blockSize, header.blockSize);
        }
        if (freeBlocks != header.freeBlocks) {
            throw new UnprovenException(
                    Reason.DAMAGED,
                    "%d blocks are free, the volume header says %d".formatted(freeBlocks, header.freeBlocks));
        }
        ExtentSet runs = free.free();
        ExtentSet own = header.own();
        for (int run = 0; run < own.count(); run++) {
            if (runs.intersects(own.offset(run), own.end(run) - own.offset(run))) {
                throw new UnprovenException(
                        Reason.DAMAGED,
                        "a special file or the journal has bytes %d to %d, of which some are free"
                                .formatted(own.offset(run), own.end(run)));
            }
        }
        long tail = Math.max(0, header.totalBlocks * header.blockSize - END);
        ExtentSet always = ExtentSet.builder()
                .add(0, START)
                .add(tail, volume.size() - tail)
                .build();
        return runs.complement(0, volume.size()).union(always);
    }

    /** Looks for the extents of the allocation file for which the volume header has no room. */
    private static void addOverflow(VolumeHeader header) throws IOException, UnprovenException {
        new Tree(header.extents).records(record -> {
            int keyLength = record.readU16();
            int forkType = record.readU8();
            long fileId = record.skip(1).readU32();
            long firstBlock = record.readU32();
            if (keyLength == EXTENT_KEY_LENGTH && forkType == 0 && fileId == ALLOCATION_FILE_ID) {
                if (firstBlock != header.allocation.knownBlocks()) {
                    throw record.corrupt(
                            record.position() - 4,
                            "extents from block " + firstBlock + ", expected " + header.allocation.knownBlocks());
                }
                header.allocation.addExtents(record);
            }
            return true;
        });
        if (!header.allocation.isComplete()) {
            throw new UnprovenException(Reason.DAMAGED, "extents of the allocation file are missing");
        }
    }

    /** The name of a volume is the name of its root folder, whose record is the first in the catalog. */
    private static String label(VolumeHeader header) throws IOException {
        StringBuilder label = new StringBuilder();
        try {
            new Tree(header.catalog).records(record -> {
                boolean isRoot = record.skip(2).readU32() == ROOT_PARENT_ID;
                int length = record.readU16();
                if (isRoot && length <= MAX_NAME) {
                    label.append(new String(record.readBytes(2 * length), StandardCharsets.UTF_16BE));
                }
                return false;
            });
        } catch (CorruptImageException e) {
            // A catalog that is damaged has no part in the proof; the volume just has no name then.
            return "";
        }
        return label.toString();
    }
}
