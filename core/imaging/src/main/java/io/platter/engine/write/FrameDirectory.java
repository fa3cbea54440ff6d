package io.platter.engine.write;

import io.platter.image.codec.RecordLocation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers frames and knows where each is; 16 bytes a frame. A block's place is its frame's number and its slot there. Frames
 * that are met while others are written, in a store's packs, have numbers of their own, from {@link #KNOWN} on.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FrameDirectory {
    private static final int SLOT_BITS = 12;

    /** The number of the first frame that was met while others were written. */
    static final long KNOWN = 1L << 27;

    /** Frames of one row of numbers. */
    private static final class Row {
        private int[] packs = new int[256];
        private long[] offsets = new long[256];
        private int[] lengths = new int[256];
        private int count;

        int add(RecordLocation location) {
            if (count == offsets.length) {
                packs = Arrays.copyOf(packs, 2 * count);
                offsets = Arrays.copyOf(offsets, 2 * count);
                lengths = Arrays.copyOf(lengths, 2 * count);
            }
            packs[count] = location.pack();
            offsets[count] = location.packOffset();
            lengths[count] = location.length();
            return count++;
        }

        RecordLocation location(int number) {
            return new RecordLocation(packs[number], offsets[number], lengths[number]);
        }
    }

    private final Row own = new Row();
    private final Row known = new Row();

    /** Only while an existing file is loaded: the numbers of its frames. */
    private Map<RecordLocation, Integer> numbers = new HashMap<>();

    /** Returns the place of a block. */
    public static long place(long frame, int slot) {
        return (frame << SLOT_BITS) | slot;
    }

    static long frameOf(long place) {
        return place >>> SLOT_BITS;
    }

    static int slotOf(long place) {
        return (int) place & ((1 << SLOT_BITS) - 1);
    }

    int count() {
        return own.count;
    }

    /** Takes the next frame's place, and returns its number. */
    long add(RecordLocation location) {
        return own.add(location);
    }

    /** Takes the place of a frame that another writer wrote, while this one writes, and returns its number. */
    public long addKnown(RecordLocation location) {
        return KNOWN + known.add(location);
    }

    /** Returns the number of a frame of an existing file. */
    long numberOf(RecordLocation location) {
        return numbers.computeIfAbsent(location, unknown -> (int) add(location));
    }

    /** Ends the loading. */
    void loaded() {
        numbers = new HashMap<>();
    }

    RecordLocation location(long frame) {
        return frame < KNOWN ? own.location((int) frame) : known.location((int) (frame - KNOWN));
    }
}
