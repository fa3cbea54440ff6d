package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A part of a device as a device: a partition of a disk. */
final class SliceDevice implements BlockDevice {
    private final BlockDevice whole;
    private final long start;
    private final long size;

    SliceDevice(BlockDevice whole, long start, long size) {
        Ranges.check(whole, start, size);
        this.whole = whole;
        this.start = start;
        this.size = size;
    }

    @Override
    public String name() {
        return whole.name() + "[" + start + "+" + size + "]";
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return whole.logicalSectorSize();
    }

    @Override
    public int physicalSectorSize() {
        return whole.physicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return whole.isWritable();
    }

    @Override
    public List<Backing> backing() throws IOException {
        return whole.backing().stream().map(all -> all.part(start, size)).toList();
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        return whole.uses();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, target.remaining());
        whole.read(target, start + diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, source.remaining());
        whole.write(source, start + diskOffset);
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        whole.zero(start + diskOffset, length);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        return whole.discard(start + diskOffset, length);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, 1);
        Extent extent = whole.extentAt(start + diskOffset).clip(start, start + size);
        return extent.kind() == ExtentKind.FILL
                ? new Extent(diskOffset, extent.length(), ExtentKind.DATA)
                : extent.at(diskOffset);
    }

    /** Returns the state of the whole: a change elsewhere on it shows here, too. */
    @Override
    public Optional<String> state() throws IOException {
        return whole.state();
    }

    @Override
    public Map<String, String> identity() {
        return whole.identity();
    }

    @Override
    public void flush() throws IOException {
        whole.flush();
    }

    @Override
    public void close() {}
}
