package io.platter.filesystem.lvm;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A linear or striped logical volume of LVM as a device, for reading.
 *
 * <p>Safe for use by several threads. Closing it does not close the devices below it.
 */
final class LogicalVolume implements BlockDevice {
    private final String name;
    private final List<Segment> segments;
    private final long size;

    /**
     * Creates the device.
     *
     * @param segments in ascending order, each starting where the one before it ends, the first at 0
     */
    LogicalVolume(String name, List<Segment> segments) {
        this.name = name;
        this.segments = List.copyOf(segments);
        size = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).end();
    }

    /**
     * A place on a physical volume.
     *
     * @param volume which of the devices below, by its number
     * @param offset in bytes from the start of it
     */
    record Area(int volume, BlockDevice device, long offset) {}

    /**
     * A run of a logical volume that goes round its areas in turns.
     *
     * @param start in bytes from the start of the logical volume
     * @param length in bytes
     * @param stripeSize how many bytes stand on an area before it is the next one's turn; no less than {@code length}
     *     if there is one area
     */
    record Segment(long start, long length, long stripeSize, List<Area> areas) {
        long end() {
            return start + length;
        }

        /** Returns how many bytes before {@code position}, counted from the start of the segment, stand on an area. */
        long bytesBefore(long position, int area) {
            long round = stripeSize * areas.size();
            long inRound = position % round - area * stripeSize;
            return position / round * stripeSize + Math.max(0, Math.min(inRound, stripeSize));
        }
    }

    /** Takes runs of bytes. */
    @FunctionalInterface
    interface Runs {
        void add(long offset, long length);
    }

    /** Finds all bytes of one of the devices below that belong to this one, in whatever order the segments are. */
    void addBelow(int volume, Runs runs) {
        for (Segment segment : segments) {
            for (Area area : segment.areas()) {
                if (area.volume() == volume) {
                    runs.add(area.offset(), segment.length() / segment.areas().size());
                }
            }
        }
    }

    /** Finds, on one of the devices below, the bytes that a run of this device stands on. */
    void addBelow(long offset, long length, int volume, Runs runs) {
        for (int i = segmentAt(offset); i < segments.size() && segments.get(i).start() < offset + length; i++) {
            Segment segment = segments.get(i);
            long from = Math.max(offset, segment.start()) - segment.start();
            long to = Math.min(offset + length, segment.end()) - segment.start();
            for (int area = 0; area < segment.areas().size() && from < to; area++) {
                if (segment.areas().get(area).volume() == volume) {
                    long first = segment.bytesBefore(from, area);
                    long last = segment.bytesBefore(to, area);
                    runs.add(segment.areas().get(area).offset() + first, last - first);
                }
            }
        }
    }

    /** Returns the number of the first segment that ends after an offset. */
    private int segmentAt(long offset) {
        int low = 0;
        int high = segments.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).end() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        if (diskOffset < 0 || diskOffset > size - target.remaining()) {
            throw new IllegalArgumentException("range of " + target.remaining() + " bytes at disk offset " + diskOffset
                    + " is not inside " + name + " of " + size + " bytes");
        }
        long position = diskOffset;
        int limit = target.limit();
        for (int i = segmentAt(position); target.position() < limit; i++) {
            Segment segment = segments.get(i);
            while (target.position() < limit && position < segment.end()) {
                long inSegment = position - segment.start();
                int area = (int)
                        (inSegment / segment.stripeSize() % segment.areas().size());
                long left =
                        Math.min(segment.stripeSize() - inSegment % segment.stripeSize(), segment.length() - inSegment);
                int count = (int) Math.min(left, limit - target.position());
                Area below = segment.areas().get(area);
                target.limit(target.position() + count);
                below.device().read(target, below.offset() + segment.bytesBefore(inSegment, area));
                target.limit(limit);
                position += count;
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return segments.isEmpty()
                ? 512
                : segments.get(0).areas().get(0).device().logicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        throw new IllegalStateException(name + " is open for reading only");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
