package io.platter.partition;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives each partition of a layout its place.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Placement {
    /**
     * A place.
     *
     * @param diskOffset where it starts, in bytes
     * @param length how long it is, in bytes
     */
    record Place(long diskOffset, long length) {
        long end() {
            return diskOffset + length;
        }
    }

    private final List<PartitionSpec> specs;
    private final long to;
    private final long alignment;
    private final int sectorSize;
    private final List<Place> places = new ArrayList<>();
    private long cursor;

    private Placement(List<PartitionSpec> specs, long from, long to, long alignment, int sectorSize) {
        this.specs = specs;
        this.to = to;
        this.alignment = alignment;
        this.sectorSize = sectorSize;
        this.cursor = from;
    }

    /**
     * Places partitions in their order.
     *
     * @param from the first disk offset that may be used, in bytes
     * @param to the first one after, in bytes
     * @throws IllegalArgumentException if they do not fit
     */
    static List<Place> place(List<PartitionSpec> specs, long from, long to, long alignment, int sectorSize) {
        Placement placement = new Placement(specs, from, to, alignment, sectorSize);
        for (int i = 0; i < specs.size(); i++) {
            placement.place(i);
        }
        return placement.places;
    }

    private void place(int i) {
        PartitionSpec spec = specs.get(i);
        long start = spec.isFixed() ? spec.diskOffset() : alignUp(cursor) + lead(spec);
        if (start < cursor || start % sectorSize != 0) {
            throw new IllegalArgumentException("partition " + (i + 1) + " of the layout starts at " + start
                    + ", expected a whole number of sectors, and at least " + cursor);
        }
        long length = spec.isRest() ? restEnd(i) - start : spec.length(sectorSize);
        if (length <= 0 || length > to - start) {
            throw new IllegalArgumentException("partition " + (i + 1) + " of the layout does not fit: "
                    + (spec.isRest() ? "nothing is left for it" : length + " bytes from " + start + " on") + ", "
                    + to + " is the end");
        }
        places.add(new Place(start, length));
        cursor = start + length;
    }

    /** Returns where a rest ends: as late as those after it can be placed, up to the next fixed one. */
    private long restEnd(int rest) {
        int next = rest + 1;
        while (next < specs.size() && !specs.get(next).isFixed()) {
            next++;
        }
        long end = next < specs.size() ? specs.get(next).diskOffset() : to;
        for (int i = next - 1; i > rest; i--) {
            PartitionSpec spec = specs.get(i);
            end = alignDown(end - spec.length(sectorSize)) - lead(spec);
        }
        return alignDown(end);
    }

    /** Returns the room before a partition: an EBR and the gap that keeps the partition aligned. */
    private long lead(PartitionSpec spec) {
        return spec.isLogical() ? alignment : 0;
    }

    private long alignUp(long diskOffset) {
        return (diskOffset + alignment - 1) / alignment * alignment;
    }

    private long alignDown(long diskOffset) {
        return Math.floorDiv(diskOffset, alignment) * alignment;
    }
}
