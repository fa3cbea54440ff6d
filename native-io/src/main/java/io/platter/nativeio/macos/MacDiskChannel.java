package io.platter.nativeio.macos;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.platter.block.DeviceException;
import io.platter.device.SystemPartition;
import io.platter.nativeio.platform.DiskChannel;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixConstants;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;

/** The calls of macOS on an open raw disk. */
final class MacDiskChannel implements DiskChannel {
    private final Descriptor device;

    MacDiskChannel(Descriptor device) {
        this.device = device;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        try {
            device.pread(target, diskOffset);
        } catch (DeviceException e) {
            throw orGone(e);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        try {
            device.pwrite(source, diskOffset);
        } catch (DeviceException e) {
            throw orGone(e);
        }
    }

    private static IOException orGone(DeviceException failure) {
        if (failure.osError() != PosixConstants.ENXIO) {
            return failure;
        }
        FileSystemException gone = new FileSystemException(failure.device(), null, "the device is gone");
        gone.initCause(failure);
        return gone;
    }

    /** macOS has no order to zero a range of a disk. */
    @Override
    public boolean zero(long diskOffset, long length) {
        return false;
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        try (Memory extent = new Memory(MacConstants.EXTENT_SIZE);
                Memory order = new Memory(MacConstants.UNMAP_SIZE)) {
            extent.setLong(MacConstants.EXTENT_OFFSET, diskOffset);
            extent.setLong(MacConstants.EXTENT_LENGTH, length);
            order.clear();
            order.setPointer(MacConstants.UNMAP_EXTENTS, new Pointer(Pointer.nativeValue(extent)));
            order.setInt(MacConstants.UNMAP_COUNT, 1);
            device.ioctl("DKIOCUNMAP", MacConstants.DKIOCUNMAP, order);
            return true;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case MacConstants.ENOTSUP, MacConstants.ENOTTY -> false;
                default -> throw orGone(e);
            };
        }
    }

    @Override
    public void flush() throws IOException {
        device.fsync();
        try (Memory whole = new Memory(MacConstants.DK_SYNCHRONIZE_SIZE)) {
            whole.clear();
            device.ioctl("flush", MacConstants.DKIOCSYNCHRONIZE, whole);
        }
    }

    /** The raw node has no cache to warm. */
    @Override
    public void willRead(long diskOffset, long length) {}

    /** The raw node has no cache to drop. */
    @Override
    public void dropCache(long diskOffset, long length) {}

    /** macOS looks at a disk again when the last one who wrote it closes it, and can't be told earlier. */
    @Override
    public List<SystemPartition> announce(List<SystemPartition> partitions, Duration timeout) throws IOException {
        flush();
        throw new DeviceException(
                "macOS", "announce", -1, 0, "it reads the table of a disk when the disk is closed, not before", null);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
