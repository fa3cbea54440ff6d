package io.platter.engine.write;

import io.platter.image.Limits;
import java.util.Arrays;

/**
 * The grid of 4 KiB cells on which a disk is cut into blocks. It starts anew at each partition, so that a filesystem gives
 * the same blocks wherever it stands.
 *
 * <p>Immutable.
 */
public final class Grid {
    /**
     * Origins are at least so far apart: less than the 63 sectors before the first partition of an old disk, and enough
     * for a segment's items.
     */
    private static final long MIN_DISTANCE = 16 << 10;

    /** The grid of a disk without partitions. */
    public static final Grid WHOLE_DISK = new Grid(new long[] {0});

    private final long[] origins;

    private Grid(long[] origins) {
        this.origins = origins;
    }

    /**
     * Returns the grid that starts anew at some places.
     *
     * @param ascending disk offsets in bytes; what is too near to the one before is passed over
     */
    public static Grid startingAt(long... ascending) {
        long[] origins = new long[ascending.length + 1];
        int count = 1;
        for (long origin : ascending) {
            if (origin >= origins[count - 1] + MIN_DISTANCE) {
                origins[count++] = origin;
            }
        }
        return new Grid(Arrays.copyOf(origins, count));
    }

    /** Returns where the grid starts, ascending; the first is 0. */
    long[] origins() {
        return origins.clone();
    }

    /** Returns the last cell boundary that is not after {@code diskOffset}. */
    public long floor(long diskOffset) {
        int found = Arrays.binarySearch(origins, diskOffset);
        long origin = origins[found >= 0 ? found : -found - 2];
        return diskOffset - (diskOffset - origin) % Limits.CLUSTER;
    }

    /** Returns the first cell boundary that is not before {@code diskOffset}. */
    public long ceiling(long diskOffset) {
        long floor = floor(diskOffset);
        return floor == diskOffset ? diskOffset : floor(diskOffset + Limits.CLUSTER - 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grid grid && Arrays.equals(origins, grid.origins);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(origins);
    }

    @Override
    public String toString() {
        return "grid from " + Arrays.toString(origins);
    }
}
