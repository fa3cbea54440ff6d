package io.platter.nativeio.windows;

import com.sun.jna.Memory;
import io.platter.block.DeviceException;
import io.platter.device.SystemPartition;
import io.platter.nativeio.platform.Awaiting;
import io.platter.nativeio.platform.DiskChannel;
import io.platter.nativeio.windows.WindowsLayout.DEVICE_DATA_SET_RANGE;
import io.platter.nativeio.windows.WindowsLayout.DEVICE_MANAGE_DATA_SET_ATTRIBUTES;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The calls of Windows on an open drive or volume. */
final class WindowsDiskChannel implements DiskChannel {
    /** Where the ranges stand in the order to trim: after its head, at a border of eight bytes. */
    private static final int RANGES = 32;

    private final Handle drive;
    private final List<Handle> held;
    private final int number;

    /**
     * Creates the channel.
     *
     * @param held all handles to close at the end, the drive's first
     * @param number that of the physical drive, or −1 for a volume
     */
    WindowsDiskChannel(Handle drive, List<Handle> held, int number) {
        this.drive = drive;
        this.held = held;
        this.number = number;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        try {
            drive.read(target, diskOffset);
        } catch (DeviceException e) {
            throw orGone(e);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        try {
            drive.write(source, diskOffset);
        } catch (DeviceException e) {
            throw orGone(e);
        }
    }

    private static IOException orGone(DeviceException failure) {
        return switch (failure.osError()) {
            case WindowsConstants.ERROR_NOT_READY,
                    WindowsConstants.ERROR_DEV_NOT_EXIST,
                    WindowsConstants.ERROR_MEDIA_CHANGED,
                    WindowsConstants.ERROR_NO_MEDIA_IN_DRIVE,
                    WindowsConstants.ERROR_DEVICE_NOT_CONNECTED -> {
                FileSystemException gone = new FileSystemException(failure.device(), null, "the device is gone");
                gone.initCause(failure);
                yield gone;
            }
            default -> failure;
        };
    }

    /** Windows has no order to zero a range of a drive. */
    @Override
    public boolean zero(long diskOffset, long length) {
        return false;
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        try (Memory order = new Memory(RANGES + DEVICE_DATA_SET_RANGE.SIZE)) {
            order.clear();
            order.setInt(DEVICE_MANAGE_DATA_SET_ATTRIBUTES.Size, DEVICE_MANAGE_DATA_SET_ATTRIBUTES.SIZE);
            order.setInt(DEVICE_MANAGE_DATA_SET_ATTRIBUTES.Action, WindowsConstants.DeviceDsmAction_Trim);
            order.setInt(DEVICE_MANAGE_DATA_SET_ATTRIBUTES.DataSetRangesOffset, RANGES);
            order.setInt(DEVICE_MANAGE_DATA_SET_ATTRIBUTES.DataSetRangesLength, DEVICE_DATA_SET_RANGE.SIZE);
            order.setLong(RANGES + DEVICE_DATA_SET_RANGE.StartingOffset, diskOffset);
            order.setLong(RANGES + DEVICE_DATA_SET_RANGE.LengthInBytes, length);
            drive.control(
                    "STORAGE_MANAGE_DATA_SET_ATTRIBUTES",
                    WindowsConstants.IOCTL_STORAGE_MANAGE_DATA_SET_ATTRIBUTES,
                    order,
                    null);
            return true;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case WindowsConstants.ERROR_INVALID_FUNCTION, WindowsConstants.ERROR_NOT_SUPPORTED -> false;
                default -> throw orGone(e);
            };
        }
    }

    @Override
    public void flush() throws IOException {
        drive.flush();
    }

    /** Without a cache there is nothing to warm. */
    @Override
    public void willRead(long diskOffset, long length) {}

    /** Without a cache there is nothing to drop. */
    @Override
    public void dropCache(long diskOffset, long length) {}

    /** Windows reads tables of its own; there is no way to tell it partitions that are in none. */
    @Override
    public List<SystemPartition> announce(List<SystemPartition> partitions, Duration timeout) throws IOException {
        drive.flush();
        drive.control("DISK_UPDATE_PROPERTIES", WindowsConstants.IOCTL_DISK_UPDATE_PROPERTIES, null, null);
        return Awaiting.partitions(
                WindowsDisks.pathOf(number),
                partitions,
                timeout,
                () -> Optional.of(WindowsDisks.partitions(drive, number)));
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Handle handle : held) {
            try {
                handle.close();
            } catch (DeviceException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
