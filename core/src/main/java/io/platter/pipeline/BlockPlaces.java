package io.platter.pipeline;

import io.platter.block.CorruptImageException;
import io.platter.format.BlockTable;
import io.platter.format.RecordLocation;
import java.util.Arrays;

/**
 * Where on the disk the blocks of the frames went that passed by; 8 bytes a block and 12 a frame.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class BlockPlaces {
    private long[] diskOffsets = new long[1024];
    private int blocks;
    private long end;
    private long[] frames = new long[64];
    private int[] firstBlocks = new int[65];
    private int frameCount;

    /**
     * Adds a frame, which is behind all others in the file.
     *
     * @throws CorruptImageException if its blocks are not behind all others on the disk
     */
    void add(RecordLocation frame, BlockTable table, String resource) throws CorruptImageException {
        if (frameCount == frames.length) {
            frames = Arrays.copyOf(frames, 2 * frameCount);
            firstBlocks = Arrays.copyOf(firstBlocks, 2 * frameCount + 1);
        }
        if (blocks + table.count() > diskOffsets.length) {
            diskOffsets = Arrays.copyOf(diskOffsets, 2 * diskOffsets.length + table.count());
        }
        for (int slot = 0; slot < table.count(); slot++) {
            if (table.diskOffset(slot) < end) {
                throw new CorruptImageException(
                        resource,
                        frame.imageOffset(),
                        "block " + slot + " for disk offset " + table.diskOffset(slot) + ", expected at least " + end);
            }
            end = table.diskOffset(slot) + table.length(slot);
            diskOffsets[blocks++] = table.diskOffset(slot);
        }
        frames[frameCount++] = frame.imageOffset();
        firstBlocks[frameCount] = blocks;
    }

    /** Returns the number of blocks. */
    int blocks() {
        return blocks;
    }

    /** Returns the disk offset at which a block was written. */
    long find(RecordLocation frame, int slot, String resource) throws CorruptImageException {
        int number = Arrays.binarySearch(frames, 0, frameCount, frame.imageOffset());
        if (number < 0 || slot >= firstBlocks[number + 1] - firstBlocks[number]) {
            throw new CorruptImageException(
                    resource, frame.imageOffset(), "the index expects a block in slot " + slot + ", none has passed");
        }
        return diskOffsets[firstBlocks[number] + slot];
    }
}
