package io.platter.testkit;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A device with a bad sector, or one that loses power in the middle of a write; everything else goes to another device.
 * It shows what a program does when a disk fails.
 *
 * <p>Closing it leaves the other device open. Safe for use by several threads as far as the other device is.
 */
public final class FaultyDevice extends DeviceView {
    /** EIO of Linux. */
    private static final int IO_ERROR = 5;

    private final long badSector;
    private long bytesUntilPowerFails;
    private volatile boolean powerFailed;

    private FaultyDevice(BlockDevice device, long badSector, long bytesUntilPowerFails) {
        super(device);
        this.badSector = badSector;
        this.bytesUntilPowerFails = bytesUntilPowerFails;
    }

    /**
     * Returns a device on which one sector can't be read.
     *
     * @param device the bytes of all other sectors
     * @param badOffset the offset of any byte of the bad sector, inside the device
     */
    public static FaultyDevice withBadSector(BlockDevice device, long badOffset) {
        if (badOffset < 0 || badOffset >= device.size()) {
            throw new IllegalArgumentException("offset " + badOffset + " of a bad sector is not inside " + device.name()
                    + " of " + device.size() + " bytes");
        }
        return new FaultyDevice(device, badOffset / device.logicalSectorSize(), Long.MAX_VALUE);
    }

    /**
     * Returns a device that takes a number of bytes, in the order of the writes, and fails at the next one. A write that
     * goes past the end is done in part, as it is when power fails; every call after it fails and does nothing.
     *
     * @param device takes the bytes
     * @param bytes the number of bytes that are still written, 0 or more
     */
    public static FaultyDevice losingPowerAfter(BlockDevice device, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("power can't fail after " + bytes + " bytes");
        }
        return new FaultyDevice(device, -1, bytes);
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        long sectorSize = device().logicalSectorSize();
        long bad = badSector * sectorSize;
        if (badSector >= 0 && bad + sectorSize > diskOffset && bad < diskOffset + target.remaining()) {
            throw new DeviceException(name(), "read", Math.max(bad, diskOffset), IO_ERROR, "bad sector", null);
        }
        checkPower("read", diskOffset);
        device().read(target, diskOffset);
    }

    @Override
    public synchronized void write(ByteBuffer source, long diskOffset) throws IOException {
        checkPower("write", diskOffset);
        int limit = source.limit();
        int allowed = (int) Math.min(source.remaining(), bytesUntilPowerFails);
        bytesUntilPowerFails -= allowed;
        device().write(source.limit(source.position() + allowed), diskOffset);
        if (source.limit(limit).hasRemaining()) {
            powerFailed = true;
            checkPower("write", diskOffset);
        }
    }

    private void checkPower(String operation, long diskOffset) throws DeviceException {
        if (powerFailed) {
            throw new DeviceException(name(), operation, diskOffset, IO_ERROR, "power failed", null);
        }
    }

    @Override
    public String name() {
        return "faulty " + device().name();
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return device().extentAt(diskOffset);
    }

    @Override
    public synchronized void flush() throws IOException {
        checkPower("flush", 0);
        device().flush();
    }
}
