package io.platter.engine.read;

import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the blocks of a stretch of the disk come from, turned around: for each frame, the places that its blocks go to.
 * So each frame is read once for all of them. Costs 50 bytes a reference.
 *
 * <p>Filled by one thread, then read by any.
 */
public final class FramePlan {
    private static final int FIRST_CAPACITY = 1 << 14;
    private static final int CAPACITY = 1 << 19;

    private long[] diskOffsets = new long[FIRST_CAPACITY];
    private byte[] hashes = new byte[FIRST_CAPACITY * Sha256.LENGTH];
    private int[] lengths = new int[FIRST_CAPACITY];
    private int[] frameNumbers = new int[FIRST_CAPACITY];
    private short[] slots = new short[FIRST_CAPACITY];
    private final List<RecordLocation> frames = new ArrayList<>();
    private final Map<RecordLocation, Integer> numbers = new HashMap<>();
    private int count;

    /** The references, those of one frame one after another, and where those of each frame start. */
    private int[] order = new int[0];

    private int[] starts = new int[0];
    private int next;

    /** Creates a plan without a reference. */
    public FramePlan() {}

    /** Forgets all. */
    public void clear() {
        frames.clear();
        numbers.clear();
        count = 0;
    }

    /** Tells whether a leaf's blocks may not fit any more. */
    public boolean isFull() {
        return count > CAPACITY - 4096;
    }

    /**
     * Adds a block.
     *
     * @param page the leaf
     * @param block the block's number there
     * @param diskOffset where it stands on the disk
     */
    public void add(LeafPage page, int block, long diskOffset) {
        RecordLocation frame = page.frame(page.frameNumber(block));
        int number = numbers.computeIfAbsent(frame, unknown -> {
            frames.add(frame);
            return frames.size() - 1;
        });
        if (count == diskOffsets.length) {
            grow();
        }
        page.hash(block, hashes, count * Sha256.LENGTH);
        diskOffsets[count] = diskOffset;
        lengths[count] = page.blockLength(block);
        frameNumbers[count] = number;
        slots[count] = (short) page.slot(block);
        count++;
    }

    private void grow() {
        diskOffsets = Arrays.copyOf(diskOffsets, 2 * count);
        hashes = Arrays.copyOf(hashes, 2 * count * Sha256.LENGTH);
        lengths = Arrays.copyOf(lengths, 2 * count);
        frameNumbers = Arrays.copyOf(frameNumbers, 2 * count);
        slots = Arrays.copyOf(slots, 2 * count);
    }

    /** Orders the references by their frames; within a frame they keep the order of the disk. */
    public void group() {
        starts = new int[frames.size() + 1];
        for (int i = 0; i < count; i++) {
            starts[frameNumbers[i] + 1]++;
        }
        for (int frame = 0; frame < frames.size(); frame++) {
            starts[frame + 1] += starts[frame];
        }
        int[] ends = starts.clone();
        order = new int[count];
        for (int i = 0; i < count; i++) {
            order[ends[frameNumbers[i]]++] = i;
        }
        next = 0;
    }

    /** Starts the next frame on its way, and returns true, or false if all were started since {@link #group}. */
    public boolean next(FrameScatter frame) {
        if (next == frames.size()) {
            return false;
        }
        frame.start(next++);
        return true;
    }

    RecordLocation frame(int number) {
        return frames.get(number);
    }

    int firstReference(int frame) {
        return starts[frame];
    }

    long diskOffset(int reference) {
        return diskOffsets[order[reference]];
    }

    /** Tells whether a frame has the block of a reference where that expects it. */
    boolean isIn(BlockTable table, int reference) {
        int number = order[reference];
        return table.holds(Short.toUnsignedInt(slots[number]), lengths[number], hashes, number * Sha256.LENGTH);
    }

    int length(int reference) {
        return lengths[order[reference]];
    }

    int slot(int reference) {
        return Short.toUnsignedInt(slots[order[reference]]);
    }
}
