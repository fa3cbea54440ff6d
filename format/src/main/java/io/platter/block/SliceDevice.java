package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A part of a device as a device: a partition of a disk. */
final class SliceDevice extends DeviceView {
    private final long start;
    private final long size;

    SliceDevice(BlockDevice whole, long start, long size) {
        super(whole);
        Ranges.check(whole, start, size);
        this.start = start;
        this.size = size;
    }

    @Override
    public String name() {
        return device().name() + "[" + start + "+" + size + "]";
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public List<Backing> backing() throws IOException {
        return device().backing().stream().map(all -> all.part(start, size)).toList();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, target.remaining());
        device().read(target, start + diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, source.remaining());
        device().write(source, start + diskOffset);
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        device().zero(start + diskOffset, length);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        return device().discard(start + diskOffset, length);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, 1);
        return device().extentAt(start + diskOffset).clip(start, start + size).at(diskOffset);
    }
}
