package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A device that can be written while another one, below it, stays as it is: what is written goes to a store, and is read
 * from there afterwards. So an image can be tried, repaired or booted without being changed.
 *
 * <p>What was written is known as long as this object lives; it is not found in the store again, unless that is an {@link
 * OverlayFile}. Safe for use by several
 * threads, of which one writes at a time.
 */
public final class OverlayDevice extends DeviceView {
    /** The unit in which bytes are taken over from the device below: that of filesystems, and of disks. */
    private static final int SMALLEST_CELL = 4096;

    /** A cell has a number of 31 bits. */
    private static final int MAX_CELLS = 1 << 30;

    /**
     * What is known of a place: whether it was changed, and how far that is so.
     *
     * @param end where the run of cells ends that are all changed, or all not; in bytes
     */
    public record Change(long end, boolean isChanged) {}

    private final BlockDevice store;
    private final int cell;
    private final BitSet changed;
    private final BitSet newPages = new BitSet();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    /** Lays a store over a device in which cells with these numbers count already. */
    OverlayDevice(BlockDevice below, BlockDevice store, int cell, BitSet changed) {
        super(below);
        this.store = store;
        this.cell = cell;
        this.changed = changed;
    }

    /**
     * Lays a store over a device. Both stay open when the overlay is closed.
     *
     * @param below never written; does not change meanwhile
     * @param store a writable device of at least the same size, such as a sparse file that has just been made; its bytes
     *     are of no meaning
     * @throws IllegalArgumentException if the store is smaller, or can't be written
     */
    public static OverlayDevice of(BlockDevice below, BlockDevice store) {
        if (store.size() < below.size() || !store.isWritable()) {
            throw new IllegalArgumentException("a store of " + store.size() + " bytes"
                    + (store.isWritable() ? "" : ", for reading only,") + " over " + below.name() + " of "
                    + below.size() + " bytes");
        }
        return new OverlayDevice(below, store, cellOf(below.size()), new BitSet());
    }

    /** Returns the size of the cells of a disk, in bytes. */
    static int cellOf(long diskSize) {
        int cell = SMALLEST_CELL;
        while (diskSize / cell >= MAX_CELLS) {
            cell *= 2;
        }
        return cell;
    }

    /**
     * Returns what is known of a place.
     *
     * @param diskOffset 0 to the disk's size, exclusive
     */
    public Change changeAt(long diskOffset) {
        Ranges.check(this, diskOffset, 1);
        lock.readLock().lock();
        try {
            return new Change(runEnd(diskOffset), changed.get((int) (diskOffset / cell)));
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The part of a map of changed cells that is stored in one piece: a bit for each, the lowest of a byte first. */
    record MapPage(int number, ByteBuffer bits) {
        /** In bytes. */
        static final int SIZE = 4096;

        static final int CELLS = 8 * SIZE;
    }

    /** Returns those pages of the map that have changed since they were asked for last. */
    List<MapPage> takeNewPages() {
        lock.writeLock().lock();
        try {
            List<MapPage> pages = new ArrayList<>();
            for (int page = newPages.nextSetBit(0); page >= 0; page = newPages.nextSetBit(page + 1)) {
                byte[] bits = changed.get(page * MapPage.CELLS, (page + 1) * MapPage.CELLS)
                        .toByteArray();
                pages.add(new MapPage(page, ByteBuffer.wrap(Arrays.copyOf(bits, MapPage.SIZE))));
            }
            newPages.clear();
            return pages;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Returns which bytes of the store count: what was written, rounded up to 4 KiB or more. */
    public ExtentSet changes() {
        lock.readLock().lock();
        try {
            ExtentSet.Builder changes = ExtentSet.builder();
            for (int from = changed.nextSetBit(0); from >= 0; ) {
                int to = changed.nextClearBit(from);
                changes.add((long) from * cell, Math.min(size(), (long) to * cell) - (long) from * cell);
                from = changed.nextSetBit(to);
            }
            return changes.build();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Returns the end of the run of cells that are all changed, or all not, and in which a place is. */
    private long runEnd(long diskOffset) {
        int number = (int) (diskOffset / cell);
        int next = changed.get(number) ? changed.nextClearBit(number) : changed.nextSetBit(number);
        return next < 0 ? size() : Math.min(size(), (long) next * cell);
    }

    private BlockDevice holder(long diskOffset) {
        return changed.get((int) (diskOffset / cell)) ? store : device();
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public List<Backing> backing() throws IOException {
        Set<Backing> all = new LinkedHashSet<>(device().backing());
        all.addAll(store.backing());
        return List.copyOf(all);
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, target.remaining());
        int limit = target.limit();
        lock.readLock().lock();
        try {
            for (long position = diskOffset; target.position() < limit; ) {
                int count = (int) Math.min(limit - target.position(), runEnd(position) - position);
                holder(position).read(target.limit(target.position() + count), position);
                position += count;
            }
        } finally {
            lock.readLock().unlock();
            target.limit(limit);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        int length = source.remaining();
        Ranges.check(this, diskOffset, length);
        lock.writeLock().lock();
        try {
            takeOverEnds(diskOffset, length);
            store.write(source, diskOffset);
            setChanged(diskOffset, length);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        lock.writeLock().lock();
        try {
            takeOverEnds(diskOffset, length);
            store.zero(diskOffset, length);
            setChanged(diskOffset, length);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Makes zeros: were the store's bytes given up, those of the device below would come back. */
    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        zero(diskOffset, length);
        return true;
    }

    /** Copies the cells to the store of which only a part is written. */
    private void takeOverEnds(long diskOffset, long length) throws IOException {
        if (length > 0) {
            long end = diskOffset + length;
            if (diskOffset % cell != 0) {
                takeOver((int) (diskOffset / cell));
            }
            if (end % cell != 0 && end != size()) {
                takeOver((int) (end / cell));
            }
        }
    }

    private void takeOver(int number) throws IOException {
        if (!changed.get(number)) {
            long start = (long) number * cell;
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(cell, size() - start));
            device().read(bytes, start);
            store.write(bytes.flip(), start);
            setChanged(start, 1);
        }
    }

    private void setChanged(long diskOffset, long length) {
        if (length > 0) {
            int first = (int) (diskOffset / cell);
            int last = (int) ((diskOffset + length - 1) / cell);
            if (changed.nextClearBit(first) <= last) {
                changed.set(first, last + 1);
                newPages.set(first / MapPage.CELLS, last / MapPage.CELLS + 1);
            }
        }
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, 1);
        lock.readLock().lock();
        try {
            Extent extent = holder(diskOffset).extentAt(diskOffset).clip(diskOffset, runEnd(diskOffset));
            // What nobody wrote to the store is zeros here that somebody wrote.
            return extent.kind() == ExtentKind.HOLE && holder(diskOffset).equals(store)
                    ? new Extent(extent.offset(), extent.length(), ExtentKind.ZERO)
                    : extent;
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void flush() throws IOException {
        store.flush();
    }
}
