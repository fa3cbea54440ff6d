package io.platter.block.rescue;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.UnreadableRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A range of a device while {@link SectorReader} finds out what of it can be read.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class BadGround {
    /** Bytes that could not be read so far: {@code [from, to)} of the device. */
    private record Run(long from, long to) {}

    /** In place of an error code: the sector failed, and could be read later. */
    private static final int RECOVERED = -1;

    private final BlockDevice device;
    private final ByteBuffer bytes;
    private final long start;
    private final int sector;

    private List<Run> runs = List.of();
    /** The error codes of the sectors that were tried by themselves and failed, by their offsets. */
    private final SortedMap<Long, Integer> tried = new TreeMap<>();

    private int lastError;

    /** The unit of the sweep that is on, and how many of them failed in a row. */
    private int unit;

    private int failures;

    /**
     * @param bytes where the range's bytes go: at 0, up to the limit
     * @param start where the range starts on the device, in bytes
     */
    BadGround(BlockDevice device, ByteBuffer bytes, long start) {
        this.device = device;
        this.bytes = bytes;
        this.start = start;
        this.sector = device.logicalSectorSize();
    }

    /** Reads the whole range, and tells whether that went well. */
    boolean isReadAtOnce() throws IOException {
        Run whole = new Run(start, start + bytes.limit());
        if (canRead(whole.from, whole.to)) {
            return true;
        }
        runs = List.of(whole);
        return false;
    }

    /**
     * Reads in units of one size what could not be read so far.
     *
     * @param unitSize in bytes
     * @param failedBefore how many units before this range failed in a row
     * @return how many failed in a row at its end
     */
    int narrow(int unitSize, int failedBefore) throws IOException {
        unit = unitSize;
        failures = failedBefore;
        List<Run> left = new ArrayList<>();
        for (Run run : runs) {
            if (unitEnd(run.from) >= run.to) {
                left.add(run); // One unit, which was tried as a part of a larger one already.
            } else {
                narrow(run, left);
            }
        }
        runs = left;
        return failures;
    }

    private void narrow(Run run, List<Run> left) throws IOException {
        long from = run.from;
        while (from < run.to && tryUnit(from, Math.min(unitEnd(from), run.to))) {
            from = Math.min(unitEnd(from), run.to);
        }
        if (from == run.to) {
            return;
        }
        long first = Math.min(unitEnd(from), run.to);
        long to = backwards(first, run.to);
        sweep(from, first, Math.max(first, unitStart(to)), to, left);
    }

    /** Tries what lies between a first and a last unit that failed, and adds the runs that can't be read. */
    private void sweep(long from, long first, long last, long to, List<Run> left) throws IOException {
        long bad = from;
        long failedUpTo = first;
        for (long position = first; position < last; ) {
            long end = unitEnd(position);
            if (tryUnit(position, end)) {
                if (bad >= 0) {
                    left.add(new Run(bad, backwards(failedUpTo, position)));
                    bad = -1;
                }
                position = end;
            } else {
                bad = bad < 0 ? position : bad;
                failedUpTo = end;
                position = end + skip();
            }
        }
        left.add(new Run(bad < 0 ? last : bad, to));
    }

    /** Reads units backwards from {@code to} up to the first that fails or {@code from}, and returns where that ended. */
    private long backwards(long from, long to) throws IOException {
        long end = to;
        while (end > from && tryUnit(Math.max(from, unitStart(end)), end)) {
            end = Math.max(from, unitStart(end));
        }
        return end;
    }

    /** Returns how many bytes to pass over: none as long as patience lasts, then more with each failure. */
    private long skip() {
        int beyond = failures - SectorReader.PATIENCE;
        return beyond <= 0 ? 0 : (long) unit << Math.min(beyond - 1, 20);
    }

    private boolean tryUnit(long from, long to) throws IOException {
        boolean isGood = canRead(from, to);
        failures = isGood ? 0 : failures + 1;
        return isGood;
    }

    /** Tries the sectors that failed again, in rounds, until a round finds nothing but bad ones for too long. */
    void tryAgain(int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            failures = 0;
            for (Map.Entry<Long, Integer> sector : List.copyOf(tried.entrySet())) {
                if (failures > SectorReader.PATIENCE) {
                    return;
                }
                if (sector.getValue() != RECOVERED) {
                    tryUnit(sector.getKey(), sectorEnd(sector.getKey()));
                }
            }
        }
    }

    private boolean canRead(long from, long to) throws IOException {
        boolean isSector = to <= sectorEnd(from);
        try {
            device.read(bytes.slice((int) (from - start), (int) (to - from)), from);
            if (isSector) {
                tried.replace(from, RECOVERED);
            }
            return true;
        } catch (DeviceException e) {
            if (!e.isRead()) {
                throw e;
            }
            lastError = Math.max(0, e.osError());
            if (isSector) {
                tried.put(from, lastError);
            }
            return false;
        }
    }

    /** Returns what can't be read, and fills it with zeros. */
    List<UnreadableRange> unreadable() {
        List<UnreadableRange> ranges = new ArrayList<>();
        for (Run run : runs) {
            long end;
            for (long from = run.from; from < run.to; from = end) {
                end = Math.min(run.to, sectorEnd(from));
                int error = tried.getOrDefault(from, lastError);
                if (error != RECOVERED) {
                    bytes.slice((int) (from - start), (int) (end - from)).put(new byte[(int) (end - from)]);
                    add(ranges, new UnreadableRange(from, end - from, error));
                }
            }
        }
        return ranges;
    }

    /** Returns how many bytes of the runs that can't be read were not tried by themselves. */
    long skippedBytes() {
        long skipped = 0;
        for (Run run : runs) {
            for (long from = run.from; from < run.to; from = sectorEnd(from)) {
                skipped += tried.containsKey(from) ? 0 : Math.min(run.to, sectorEnd(from)) - from;
            }
        }
        return skipped;
    }

    private static void add(List<UnreadableRange> ranges, UnreadableRange next) {
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).joins(next)) {
            ranges.set(last, ranges.get(last).join(next));
        } else {
            ranges.add(next);
        }
    }

    /** Returns where the sector that holds a byte ends, or this range in it. */
    private long sectorEnd(long offset) {
        return Math.min((offset / sector + 1) * sector, start + bytes.limit());
    }

    /** Returns where the unit that holds a byte ends. */
    private long unitEnd(long offset) {
        return (offset / unit + 1) * unit;
    }

    /** Returns where the unit starts whose bytes, or a part of them, end at {@code end}. */
    private long unitStart(long end) {
        return (end - 1) / unit * unit;
    }
}
