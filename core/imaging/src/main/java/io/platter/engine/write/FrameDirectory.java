package io.platter.engine.write;

import io.platter.image.codec.RecordLocation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers the frames of a file and knows where each is; 12 bytes a frame. A block's place is its frame's number and its
 * slot there.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class FrameDirectory {
    private static final int SLOT_BITS = 12;

    private long[] offsets = new long[256];
    private int[] lengths = new int[256];
    private int count;

    /** Only while an existing file is loaded: the numbers of its frames. */
    private Map<RecordLocation, Integer> numbers = new HashMap<>();

    static long place(long frame, int slot) {
        return (frame << SLOT_BITS) | slot;
    }

    static long frameOf(long place) {
        return place >>> SLOT_BITS;
    }

    static int slotOf(long place) {
        return (int) place & ((1 << SLOT_BITS) - 1);
    }

    int count() {
        return count;
    }

    /** Takes the next frame's place, and returns its number. */
    long add(RecordLocation location) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        offsets[count] = location.packOffset();
        lengths[count] = location.length();
        return count++;
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
        return RecordLocation.of(offsets[(int) frame], lengths[(int) frame]);
    }
}
