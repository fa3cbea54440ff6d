package io.platter.testkit;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A disk of any size in memory, up to {@link Long#MAX_VALUE} bytes: it keeps the pages that were written, and answers
 * {@link #extentAt} with {@link ExtentKind#HOLE} for all others. It takes as much heap as was written.
 *
 * <p>Safe for use by several threads; each call waits for the one before it.
 */
public final class SparseDevice implements BlockDevice {
    private static final int PAGE = 64 << 10;

    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private final long size;

    /**
     * Creates a disk of zeros, with sectors of 512 bytes.
     *
     * @param size in bytes, 0 or more
     */
    public SparseDevice(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("a disk can't have " + size + " bytes");
        }
        this.size = size;
    }

    @Override
    public String name() {
        return "sparse";
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return 512;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    private void check(long diskOffset, long length) {
        if (diskOffset < 0 || length < 0 || diskOffset > size - length) {
            throw new IllegalArgumentException("range of " + length + " bytes at disk offset " + diskOffset
                    + " is not inside " + name() + " of " + size + " bytes");
        }
    }

    @Override
    public synchronized void read(ByteBuffer target, long diskOffset) {
        check(diskOffset, target.remaining());
        for (long position = diskOffset; target.hasRemaining(); ) {
            int at = (int) (position % PAGE);
            int count = Math.min(PAGE - at, target.remaining());
            byte[] page = pages.get(position / PAGE);
            target.put(page == null ? new byte[PAGE] : page, at, count);
            position += count;
        }
    }

    @Override
    public synchronized void write(ByteBuffer source, long diskOffset) {
        check(diskOffset, source.remaining());
        for (long position = diskOffset; source.hasRemaining(); ) {
            int at = (int) (position % PAGE);
            int count = Math.min(PAGE - at, source.remaining());
            source.get(pages.computeIfAbsent(position / PAGE, number -> new byte[PAGE]), at, count);
            position += count;
        }
    }

    @Override
    public synchronized void zero(long diskOffset, long length) {
        check(diskOffset, length);
        long end = diskOffset + length;
        for (Map.Entry<Long, byte[]> page :
                pages.subMap(diskOffset / PAGE, true, end / PAGE, true).entrySet()) {
            long start = page.getKey() * PAGE;
            int from = (int) Math.max(0, diskOffset - start);
            int to = (int) Math.min(PAGE, end - start);
            Arrays.fill(page.getValue(), from, Math.max(from, to), (byte) 0);
        }
    }

    @Override
    public synchronized Extent extentAt(long diskOffset) {
        check(diskOffset, 1);
        long page = diskOffset / PAGE;
        if (pages.containsKey(page)) {
            return new Extent(diskOffset, Math.min(size, (page + 1) * PAGE) - diskOffset, ExtentKind.DATA);
        }
        Long next = pages.higherKey(page);
        long end = next == null ? size : next * PAGE;
        return new Extent(diskOffset, end - diskOffset, ExtentKind.HOLE);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
