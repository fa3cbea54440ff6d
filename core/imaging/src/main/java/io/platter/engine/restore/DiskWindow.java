package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A device that stands for a part of a larger disk: the disk's bytes outside the part are dropped when written, and read
 * as zeros. So an image is restored to a partition, or to a disk that is smaller.
 *
 * <p>Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class DiskWindow extends DeviceView {
    private final long start;
    private final long end;
    private final long size;

    /**
     * Creates a window.
     *
     * @param part what stands for the part; closed by the caller
     * @param start where the part starts on the disk, in bytes
     * @param length the length of the part, in bytes, at most the size of {@code part}
     * @param size the size of the disk, in bytes
     */
    public DiskWindow(BlockDevice part, long start, long length, long size) {
        super(part);
        this.start = start;
        this.end = start + length;
        this.size = size;
    }

    /** Returns the length of the part, in bytes. */
    public long length() {
        return end - start;
    }

    /** Tells whether any byte of {@code [diskOffset, diskOffset + length)} is in the device(). */
    public boolean shows(long diskOffset, long length) {
        return diskOffset < end && diskOffset + length > start;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        int length = target.remaining();
        ByteBuffer all = target.slice();
        for (int i = 0; i < length; i++) {
            if (diskOffset + i >= start && diskOffset + i < end) {
                break;
            }
            all.put(i, (byte) 0);
        }
        if (shows(diskOffset, length)) {
            int from = (int) (Math.max(start, diskOffset) - diskOffset);
            int to = (int) (Math.min(end, diskOffset + length) - diskOffset);
            device().read(all.slice(from, to - from), diskOffset + from - start);
            for (int i = to; i < length; i++) {
                all.put(i, (byte) 0);
            }
        }
        target.position(target.limit());
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        int length = source.remaining();
        if (shows(diskOffset, length)) {
            int from = (int) (Math.max(start, diskOffset) - diskOffset);
            int to = (int) (Math.min(end, diskOffset + length) - diskOffset);
            device().write(source.slice(source.position() + from, to - from), diskOffset + from - start);
        }
        source.position(source.limit());
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        if (shows(diskOffset, length)) {
            long from = Math.max(start, diskOffset);
            device().zero(from - start, Math.min(end, diskOffset + length) - from);
        }
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        if (diskOffset < start) {
            return new Extent(diskOffset, start - diskOffset, ExtentKind.HOLE);
        }
        if (diskOffset >= end) {
            return new Extent(diskOffset, size - diskOffset, ExtentKind.HOLE);
        }
        Extent extent = device().extentAt(diskOffset - start);
        return extent.clip(0, end - start).at(diskOffset);
    }
}
