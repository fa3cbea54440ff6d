package io.platter.engine.compare;

import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs in which two disks differ, in ascending order, and never too many: when there are, runs between which fewer bytes are
 * equal than a step are joined, and the step doubles until they are few enough.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class DifferenceList {
    /** The most runs. */
    static final int MOST = 16_384;

    private static final int FIRST_STEP = 4096;

    private List<Extent> list = new ArrayList<>();

    /** Runs that are nearer than this are one, in bytes. */
    private long step;

    /** Adds where two buffers of the same length differ, from 0 to their limits. */
    public void compare(ByteBuffer expected, ByteBuffer found, long diskOffset) {
        for (int at = 0; at < expected.limit(); ) {
            int same = expected.position(at).mismatch(found.position(at));
            if (same < 0) {
                return;
            }
            int start = at + same;
            at = start;
            while (at < expected.limit() && expected.get(at) != found.get(at)) {
                at++;
            }
            add(diskOffset + start, at - start);
        }
    }

    /** Adds a run after all others. */
    public void add(long diskOffset, long length) {
        append(list, step, new Extent(diskOffset, length, ExtentKind.DATA));
        while (list.size() > MOST) {
            step = Math.max(FIRST_STEP, 2 * step);
            List<Extent> fewer = new ArrayList<>();
            for (Extent run : list) {
                append(fewer, step, run);
            }
            list = fewer;
        }
    }

    private static void append(List<Extent> runs, long step, Extent next) {
        int last = runs.size() - 1;
        if (last >= 0 && next.offset() - runs.get(last).end() <= step) {
            long start = runs.get(last).offset();
            runs.set(last, new Extent(start, next.end() - start, ExtentKind.DATA));
        } else {
            runs.add(next);
        }
    }

    public List<Extent> list() {
        return List.copyOf(list);
    }
}
