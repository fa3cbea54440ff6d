package io.platter.engine.read;

import io.platter.block.UnreadableRange;
import io.platter.image.ImageExtent;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what of a disk could not be read, in ascending order; runs that belong together are joined.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class UnreadableRanges {
    private final List<UnreadableRange> ranges = new ArrayList<>();
    private long bytes;

    /** Adds a run after all others. */
    public void add(UnreadableRange range) {
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).joins(range)) {
            ranges.set(last, ranges.get(last).join(range));
        } else {
            ranges.add(range);
        }
        bytes += range.length();
    }

    /** Adds an image's run of kind UNREADABLE after all others. */
    public void add(ImageExtent extent) {
        add(new UnreadableRange(extent.offset(), extent.length(), extent.osError()));
    }

    /** Returns how many bytes all runs have. */
    public long bytes() {
        return bytes;
    }

    /** Returns the runs so far. */
    public List<UnreadableRange> list() {
        return List.copyOf(ranges);
    }
}
