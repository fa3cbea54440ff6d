package io.platter.filesystem.kit;

import io.platter.block.ExtentSet;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Gathers the runs of bytes that are proven to be unused, in bounded memory: of more than a million runs the shortest
 * are forgotten, and count as used then.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FreeRuns {
    public static final int MAX_RUNS = 1 << 20;

    private ExtentSet.Builder runs = ExtentSet.builder();
    private int count;
    private long shortest = 1;

    /** Adds a run of unused bytes; runs that follow each other in ascending order cost least. */
    public void add(long offset, long length) {
        if (length < shortest) {
            return;
        }
        runs.add(offset, length);
        count++;
        if (count > MAX_RUNS) {
            forgetShortest();
        }
    }

    /**
     * Adds the runs of bits that are clear in a bitmap whose lowest bit comes first.
     *
     * @param bits how many bits of the bitmap count
     * @param offset where the first bit's unit stands, in bytes
     * @param unit how many bytes a bit stands for
     * @return how many bits are clear
     */
    public long addClear(ByteBuffer bitmap, int bits, long offset, long unit) {
        BitSet used = BitSet.valueOf(bitmap);
        long clear = 0;
        int start = used.nextClearBit(0);
        while (start < bits) {
            int next = used.nextSetBit(start);
            int end = next < 0 ? bits : Math.min(next, bits);
            add(Math.addExact(offset, Math.multiplyExact(start, unit)), Math.multiplyExact(end - start, unit));
            clear += end - start;
            start = used.nextClearBit(end);
        }
        return clear;
    }

    private void forgetShortest() {
        ExtentSet all = runs.build();
        while (all.count() > MAX_RUNS / 2) {
            shortest *= 2;
            ExtentSet.Builder kept = ExtentSet.builder();
            for (int run = 0; run < all.count(); run++) {
                if (all.end(run) - all.offset(run) >= shortest) {
                    kept.add(all.offset(run), all.end(run) - all.offset(run));
                }
            }
            all = kept.build();
        }
        runs = ExtentSet.builder().addAll(all, 0);
        count = all.count();
    }

    /** Returns the gathered runs. */
    public ExtentSet free() {
        return runs.build();
    }

    /** Returns all bytes of a volume but those that were added. */
    public ExtentSet used(long size) {
        return free().complement(0, size);
    }
}
