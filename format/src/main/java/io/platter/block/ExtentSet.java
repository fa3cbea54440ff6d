package io.platter.block;

import java.util.Arrays;

/**
 * A set of bytes of a disk, held as sorted runs that neither overlap nor touch.
 *
 * <p>Costs 16 bytes a run. Immutable.
 */
public final class ExtentSet {
    /** The set without a byte. */
    public static final ExtentSet EMPTY = new ExtentSet(new long[0]);

    /** Start and end of each run, in turn, strictly increasing. */
    private final long[] bounds;

    private ExtentSet(long[] bounds) {
        this.bounds = bounds;
    }

    /** Returns a builder without a run. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the set of one run.
     *
     * @param offset where it starts, in bytes, 0 or more
     * @param length how long it is, in bytes, 0 or more
     */
    public static ExtentSet of(long offset, long length) {
        return builder().add(offset, length).build();
    }

    /** Returns the number of runs. */
    public int count() {
        return bounds.length / 2;
    }

    /**
     * Returns where a run starts, in bytes.
     *
     * @param run its number, 0 to {@code count() - 1}
     */
    public long offset(int run) {
        return bounds[2 * run];
    }

    /**
     * Returns the first offset after a run, in bytes.
     *
     * @param run its number, 0 to {@code count() - 1}
     */
    public long end(int run) {
        return bounds[2 * run + 1];
    }

    /** Returns how many bytes are in the set. */
    public long bytes() {
        long sum = 0;
        for (int run = 0; run < count(); run++) {
            sum += end(run) - offset(run);
        }
        return sum;
    }

    /** Tells whether all bytes of {@code [offset, offset + length)} are in the set. */
    public boolean contains(long offset, long length) {
        int run = firstEndingAfter(offset);
        return length == 0 || (run < count() && offset(run) <= offset && end(run) >= Math.addExact(offset, length));
    }

    /** Tells whether any byte of {@code [offset, offset + length)} is in the set. */
    public boolean intersects(long offset, long length) {
        int run = firstEndingAfter(offset);
        return length > 0 && run < count() && offset(run) < Math.addExact(offset, length);
    }

    /** Returns the number of the first run that ends after {@code offset}, or {@code count()} if none does. */
    public int firstEndingAfter(long offset) {
        int at = Arrays.binarySearch(bounds, offset);
        int above = at >= 0 ? at + 1 : -at - 1;
        return above / 2;
    }

    /** Returns the bytes of {@code [from, to)} that are not in this set. */
    public ExtentSet complement(long from, long to) {
        Builder result = builder();
        long position = from;
        for (int run = firstEndingAfter(from); run < count() && offset(run) < to; run++) {
            if (offset(run) > position) {
                result.add(position, offset(run) - position);
            }
            position = end(run);
        }
        if (position < to) {
            result.add(position, to - position);
        }
        return result.build();
    }

    /** Returns the bytes that are in this set, in the other, or in both. */
    public ExtentSet union(ExtentSet other) {
        return builder().addAll(this, 0).addAll(other, 0).build();
    }

    /** Returns the bytes that are in both sets. */
    public ExtentSet intersection(ExtentSet other) {
        Builder result = builder();
        int mine = 0;
        int theirs = 0;
        while (mine < count() && theirs < other.count()) {
            long start = Math.max(offset(mine), other.offset(theirs));
            long end = Math.min(end(mine), other.end(theirs));
            if (start < end) {
                result.add(start, end - start);
            }
            if (end(mine) < other.end(theirs)) {
                mine++;
            } else {
                theirs++;
            }
        }
        return result.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExtentSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int run = 0; run < Math.min(count(), 8); run++) {
            text.append(run == 0 ? "" : ", ").append(offset(run)).append('+').append(end(run) - offset(run));
        }
        return text.append(count() > 8 ? ", … " + count() + " runs]" : "]").toString();
    }

    /**
     * Gathers runs in any order; runs that overlap or touch become one.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private long[] bounds = new long[16];
        private int length;
        private boolean sorted = true;

        private Builder() {}

        /**
         * Adds a run.
         *
         * @param offset where it starts, in bytes, 0 or more
         * @param runLength how long it is, in bytes, 0 or more
         */
        public Builder add(long offset, long runLength) {
            if (offset < 0 || runLength < 0 || offset + runLength < 0) {
                throw new IllegalArgumentException("run of " + runLength + " bytes at offset " + offset);
            }
            if (runLength == 0) {
                return this;
            }
            if (length > 0 && offset <= bounds[length - 1] && offset >= bounds[length - 2]) {
                bounds[length - 1] = Math.max(bounds[length - 1], offset + runLength);
                return this;
            }
            sorted &= length == 0 || offset > bounds[length - 1];
            if (length == bounds.length) {
                bounds = Arrays.copyOf(bounds, 2 * length);
            }
            bounds[length++] = offset;
            bounds[length++] = offset + runLength;
            return this;
        }

        /** Adds all runs of a set, moved by {@code shift} bytes. */
        public Builder addAll(ExtentSet set, long shift) {
            for (int run = 0; run < set.count(); run++) {
                add(Math.addExact(set.offset(run), shift), set.end(run) - set.offset(run));
            }
            return this;
        }

        /** Returns the set of all that was added. */
        public ExtentSet build() {
            return length == 0 ? EMPTY : new ExtentSet(sorted ? Arrays.copyOf(bounds, length) : merged());
        }

        private long[] merged() {
            int runs = length / 2;
            long[][] byOffset = new long[runs][];
            for (int run = 0; run < runs; run++) {
                byOffset[run] = new long[] {bounds[2 * run], bounds[2 * run + 1]};
            }
            Arrays.sort(byOffset, (a, b) -> Long.compare(a[0], b[0]));
            long[] result = new long[length];
            int size = 0;
            for (long[] run : byOffset) {
                if (size > 0 && run[0] <= result[size - 1]) {
                    result[size - 1] = Math.max(result[size - 1], run[1]);
                } else {
                    result[size++] = run[0];
                    result[size++] = run[1];
                }
            }
            return Arrays.copyOf(result, size);
        }
    }
}
