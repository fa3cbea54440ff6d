package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A restored disk as it will be when what is held back is written. */
final class TargetDevice extends DeviceView {
    private final RestoreTarget target;
    private final long size;
    private final int logicalSectorSize;

    TargetDevice(RestoreTarget target, BlockDevice disk, long size, int logicalSectorSize) {
        super(disk);
        this.target = target;
        this.size = size;
        this.logicalSectorSize = logicalSectorSize;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return logicalSectorSize;
    }

    @Override
    public void read(ByteBuffer buffer, long diskOffset) throws IOException {
        checkRange(diskOffset, buffer.remaining());
        target.read(buffer, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        checkRange(diskOffset, source.remaining());
        target.write(source, diskOffset);
    }

    private void checkRange(long diskOffset, int length) {
        if (diskOffset < 0 || diskOffset > size - length) {
            throw new IllegalArgumentException("range of " + length + " bytes at disk offset " + diskOffset
                    + " is not inside " + name() + " of " + size + " bytes");
        }
    }

    @Override
    public void flush() {}
}
