package io.platter.partition;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A device with a bad sector, or one that loses power in the middle of a write. */
final class FaultyDevice implements BlockDevice {
    private final BlockDevice device;
    private final long badOffset;
    private long bytesUntilPowerFails;

    private FaultyDevice(BlockDevice device, long badOffset, long bytesUntilPowerFails) {
        this.device = device;
        this.badOffset = badOffset;
        this.bytesUntilPowerFails = bytesUntilPowerFails;
    }

    static FaultyDevice withBadSector(BlockDevice device, long badOffset) {
        return new FaultyDevice(device, badOffset, Long.MAX_VALUE);
    }

    static FaultyDevice losingPowerAfter(BlockDevice device, long bytes) {
        return new FaultyDevice(device, -1, bytes);
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        if (badOffset >= diskOffset && badOffset < diskOffset + target.remaining()) {
            throw new DeviceException(name(), "read", badOffset, 5, "bad sector", null);
        }
        device.read(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        int allowed = (int) Math.min(source.remaining(), bytesUntilPowerFails);
        bytesUntilPowerFails -= allowed;
        int limit = source.limit();
        device.write(source.limit(source.position() + allowed), diskOffset);
        if (source.limit(limit).hasRemaining()) {
            throw new DeviceException(name(), "write", diskOffset, 5, "power failed", null);
        }
    }

    @Override
    public String name() {
        return "faulty";
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public int logicalSectorSize() {
        return device.logicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void close() {}
}
