package io.platter.block;

import java.io.IOException;

/** A device as one whose logical sectors have another size. */
final class SectorView extends DeviceView {
    private final int logicalSectorSize;

    SectorView(BlockDevice device, int logicalSectorSize) {
        super(device);
        if (logicalSectorSize < 512 || logicalSectorSize > 65_536 || Integer.bitCount(logicalSectorSize) != 1) {
            throw new IllegalArgumentException(
                    "sector size " + logicalSectorSize + ", expected a power of two from 512 to 65536");
        }
        this.logicalSectorSize = logicalSectorSize;
    }

    @Override
    public int logicalSectorSize() {
        return logicalSectorSize;
    }

    @Override
    public int physicalSectorSize() {
        return Math.max(logicalSectorSize, device().physicalSectorSize());
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        device().zero(diskOffset, length);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        return device().discard(diskOffset, length);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return device().extentAt(diskOffset);
    }
}
