package io.platter.filesystem.hfsplus;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of a file of HFS+, as far as its extents are known.
 *
 * <p>Source: Apple TN1150, "Fork Data Structure". Not thread-safe: one thread at a time.
 */
final class Fork {
    /** Extents in a fork's data, and in each record of the extents overflow file. */
    static final int EXTENTS = 8;

    private final BlockDevice volume;
    private final int blockSize;
    private final long volumeBlocks;
    /** The number of blocks that the fork has in all. */
    private final long totalBlocks;

    private final List<Extent> extents = new ArrayList<>();
    private long knownBlocks;

    /** A run of blocks; {@code first} is its place in the fork, {@code start} its place on the volume. */
    private record Extent(long first, long start, long count) {}

    private Fork(BlockDevice volume, int blockSize, long volumeBlocks, long totalBlocks) {
        this.volume = volume;
        this.blockSize = blockSize;
        this.volumeBlocks = volumeBlocks;
        this.totalBlocks = totalBlocks;
    }

    /** Reads the 80 bytes of a fork's data. */
    static Fork read(BlockDevice volume, int blockSize, long volumeBlocks, ByteReader in) throws CorruptImageException {
        in.skip(12);
        Fork fork = new Fork(volume, blockSize, volumeBlocks, in.readU32());
        fork.addExtents(in);
        return fork;
    }

    /** Adds the extents that follow those that are known; those with no block are skipped. */
    void addExtents(ByteReader in) throws CorruptImageException {
        for (int i = 0; i < EXTENTS; i++) {
            long start = in.readU32();
            long count = in.readU32();
            if (start + count > volumeBlocks || count > totalBlocks - knownBlocks) {
                throw in.corrupt(
                        in.position() - 8,
                        "extent of %d blocks at %d in a fork of %d on a volume of %d"
                                .formatted(count, start, totalBlocks, volumeBlocks));
            }
            if (count > 0) {
                extents.add(new Extent(knownBlocks, start, count));
                knownBlocks += count;
            }
        }
    }

    /** Adds the bytes of the volume that the content takes, as far as their place is known. */
    void addTo(ExtentSet.Builder bytes) {
        for (Extent extent : extents) {
            bytes.add(extent.start() * blockSize, extent.count() * blockSize);
        }
    }

    /** Returns how many blocks from the start on have a known place. */
    long knownBlocks() {
        return knownBlocks;
    }

    /** Tells whether all blocks have a known place. */
    boolean isComplete() {
        return knownBlocks == totalBlocks;
    }

    /** Returns the size in bytes, as far as the place is known. */
    long knownBytes() {
        return knownBlocks * blockSize;
    }

    /**
     * Reads a part of the content.
     *
     * @param position in bytes from the start of the content
     * @param length in bytes, which the caller has checked against a limit
     * @throws CorruptImageException if the part is not within what is known
     */
    ByteReader read(long position, int length) throws IOException {
        if (position < 0 || position > knownBytes() - length) {
            throw new CorruptImageException(
                    volume.name(), 0, length + " bytes at " + position + " of a fork of " + knownBytes());
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (int i = indexOf(position / blockSize); bytes.hasRemaining(); i++) {
            Extent extent = extents.get(i);
            long within = position + bytes.position() - extent.first() * blockSize;
            int part = (int) Math.min(bytes.remaining(), extent.count() * blockSize - within);
            long at = extent.start() * blockSize + within;
            bytes.put(ByteReader.read(volume, at, part, ByteOrder.BIG_ENDIAN).readBytes(part));
        }
        return ByteReader.of(bytes.flip(), ByteOrder.BIG_ENDIAN, volume.name(), position);
    }

    private int indexOf(long block) {
        int low = 0;
        int high = extents.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (extents.get(middle).first() <= block) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
