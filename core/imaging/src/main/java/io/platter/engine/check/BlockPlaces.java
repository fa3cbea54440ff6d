package io.platter.engine.check;

import io.platter.block.CorruptImageException;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import java.util.Arrays;

/**
 * Where on the disk the blocks of the frames went that passed by; 8 bytes a block and 16 a frame. Of the blocks that no
 * leaf has confirmed yet, also the hash: 36 bytes more.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class BlockPlaces {
    private final String resource;
    private long[] diskOffsets = new long[1024];
    private int blocks;
    private long end;
    private long[] frames = new long[64];
    private int[] frameLengths = new int[64];
    private int[] firstBlocks = new int[65];
    private int frameCount;

    /** The blocks from here on are not confirmed. */
    private int firstPending;

    private byte[] pendingHashes = new byte[1024 * Sha256.LENGTH];
    private int[] pendingLengths = new int[1024];

    BlockPlaces(String resource) {
        this.resource = resource;
    }

    /**
     * Adds a frame, which follows all others in the file.
     *
     * @throws CorruptImageException if its blocks do not follow all others on the disk
     */
    void add(RecordLocation frame, BlockTable table) throws CorruptImageException {
        makeRoom(table.count());
        for (int slot = 0; slot < table.count(); slot++) {
            if (table.diskOffset(slot) < end) {
                throw new CorruptImageException(
                        resource,
                        frame.packOffset(),
                        "block " + slot + " for disk offset " + table.diskOffset(slot) + ", expected at least " + end);
            }
            end = table.diskOffset(slot) + table.length(slot);
            int pending = blocks - firstPending;
            table.hash(slot, pendingHashes, pending * Sha256.LENGTH);
            pendingLengths[pending] = table.length(slot);
            diskOffsets[blocks++] = table.diskOffset(slot);
        }
        frames[frameCount] = frame.packOffset();
        frameLengths[frameCount++] = frame.length();
        firstBlocks[frameCount] = blocks;
    }

    private void makeRoom(int count) {
        if (frameCount == frames.length) {
            frames = Arrays.copyOf(frames, 2 * frameCount);
            frameLengths = Arrays.copyOf(frameLengths, 2 * frameCount);
            firstBlocks = Arrays.copyOf(firstBlocks, 2 * frameCount + 1);
        }
        if (blocks + count > diskOffsets.length) {
            diskOffsets = Arrays.copyOf(diskOffsets, 2 * diskOffsets.length + count);
        }
        int pending = blocks - firstPending + count;
        if (pending > pendingLengths.length) {
            pendingLengths = Arrays.copyOf(pendingLengths, 2 * pending);
            pendingHashes = Arrays.copyOf(pendingHashes, 2 * pending * Sha256.LENGTH);
        }
    }

    /** Returns the number of blocks. */
    int blocks() {
        return blocks;
    }

    /** Returns where on the disk the last block ends, in bytes. */
    long end() {
        return end;
    }

    /** Returns the number, among all that have passed, of the block that a leaf means. */
    int find(LeafPage leaf, int block) throws CorruptImageException {
        RecordLocation frame = leaf.frame(leaf.frameNumber(block));
        int slot = leaf.slot(block);
        int number = Arrays.binarySearch(frames, 0, frameCount, frame.packOffset());
        if (number < 0
                || frameLengths[number] != frame.length()
                || slot >= firstBlocks[number + 1] - firstBlocks[number]) {
            throw new CorruptImageException(
                    resource,
                    frame.packOffset(),
                    "the index expects a block in slot " + slot + " of a frame of " + frame.length()
                            + " bytes, none has passed");
        }
        return firstBlocks[number] + slot;
    }

    /** Returns the disk offset at which a block was written. */
    long diskOffset(int number) {
        return diskOffsets[number];
    }

    /**
     * Takes note that a leaf has a block at the place at which it was written, and so all before it, too.
     *
     * @throws CorruptImageException if it is another block, or was confirmed before
     */
    void confirm(int number, LeafPage leaf, int block) throws CorruptImageException {
        int pending = number - firstPending;
        if (pending < 0
                || pendingLengths[pending] != leaf.blockLength(block)
                || !leaf.hasHash(block, pendingHashes, pending * Sha256.LENGTH)) {
            throw new CorruptImageException(
                    resource,
                    leaf.frame(leaf.frameNumber(block)).packOffset(),
                    "slot " + leaf.slot(block) + " does not hold the block that the index expects at disk offset "
                            + diskOffsets[number]);
        }
    }

    /** Forgets the hashes of what was written before {@code diskOffset}, which no leaf will confirm any more. */
    void settle(long diskOffset) {
        int first = firstPending;
        while (first < blocks && diskOffsets[first] < diskOffset) {
            first++;
        }
        int kept = blocks - first;
        System.arraycopy(pendingHashes, (first - firstPending) * Sha256.LENGTH, pendingHashes, 0, kept * Sha256.LENGTH);
        System.arraycopy(pendingLengths, first - firstPending, pendingLengths, 0, kept);
        firstPending = first;
    }
}
