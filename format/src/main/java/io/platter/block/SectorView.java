package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A device as one whose logical sectors have another size. */
final class SectorView implements BlockDevice {
    private final BlockDevice device;
    private final int logicalSectorSize;

    SectorView(BlockDevice device, int logicalSectorSize) {
        if (logicalSectorSize < 512 || logicalSectorSize > 65_536 || Integer.bitCount(logicalSectorSize) != 1) {
            throw new IllegalArgumentException(
                    "sector size " + logicalSectorSize + ", expected a power of two from 512 to 65536");
        }
        this.device = device;
        this.logicalSectorSize = logicalSectorSize;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public int logicalSectorSize() {
        return logicalSectorSize;
    }

    @Override
    public int physicalSectorSize() {
        return Math.max(logicalSectorSize, device.physicalSectorSize());
    }

    @Override
    public boolean isWritable() {
        return device.isWritable();
    }

    @Override
    public List<Backing> backing() throws IOException {
        return device.backing();
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        return device.uses();
    }

    @Override
    public Optional<String> state() throws IOException {
        return device.state();
    }

    @Override
    public Map<String, String> identity() {
        return device.identity();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        device.read(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        device.write(source, diskOffset);
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        device.zero(diskOffset, length);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        return device.discard(diskOffset, length);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return device.extentAt(diskOffset);
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void close() {}
}
