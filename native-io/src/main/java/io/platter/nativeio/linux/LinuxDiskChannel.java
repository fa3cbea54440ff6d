package io.platter.nativeio.linux;

import io.platter.block.DeviceException;
import io.platter.device.DiskDescription;
import io.platter.device.SystemPartition;
import io.platter.nativeio.platform.DiskChannel;
import io.platter.nativeio.posix.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The calls of Linux on an open block device. */
final class LinuxDiskChannel implements DiskChannel {
    /** The most that one order to discard or zero covers, so that none holds up a close for long; in bytes. */
    private static final long STEP = 1L << 30;

    private interface Order {
        void give(long diskOffset, long length) throws DeviceException;
    }

    private final LibC libc;
    private final Descriptor device;
    private final KernelPartitions partitions;
    private final DiskDescription description;
    private final WriteCount writes;

    LinuxDiskChannel(
            LibC libc, Descriptor device, DiskDescription description, KernelPartitions partitions, WriteCount writes) {
        this.libc = libc;
        this.device = device;
        this.writes = writes;
        this.partitions = partitions;
        this.description = description;
    }

    /** Returns how many bytes of a device can be addressed: what is after its last whole sector can't. */
    static long addressableSize(Descriptor device, int sectorSize) throws DeviceException {
        long size = device.ioctlNumber("BLKGETSIZE64", LinuxConstants.BLKGETSIZE64);
        return size - size % sectorSize;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        try {
            device.pread(target, diskOffset);
        } catch (DeviceException e) {
            checkAlive(e);
            throw e;
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        try {
            device.pwrite(source, diskOffset);
        } catch (DeviceException e) {
            checkAlive(e);
            throw e;
        }
    }

    /** A disk that was pulled out answers each read like a bad sector; the kernel then sets its size to 0. */
    private void checkAlive(DeviceException failure) throws IOException {
        long now;
        try {
            now = addressableSize(device, description.logicalSectorSize());
        } catch (DeviceException e) {
            failure.addSuppressed(e);
            now = 0;
        }
        if (now != description.size()) {
            FileSystemException gone = new FileSystemException(failure.device(), null, "the device is gone");
            gone.initCause(failure);
            throw gone;
        }
    }

    @Override
    public boolean zero(long diskOffset, long length) throws IOException {
        // Punching lets the device give up the room, if it promises zeros; BLKZEROOUT keeps it.
        int punch = LinuxConstants.FALLOC_FL_PUNCH_HOLE | LinuxConstants.FALLOC_FL_KEEP_SIZE;
        return ordered(
                        diskOffset,
                        length,
                        (offset, count) ->
                                device.call("fallocate", offset, fd -> libc.fallocate(fd, punch, offset, count)))
                || ordered(
                        diskOffset,
                        length,
                        (offset, count) -> device.ioctlRange("BLKZEROOUT", LinuxConstants.BLKZEROOUT, offset, count));
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        return ordered(
                diskOffset,
                length,
                (offset, count) -> device.ioctlRange("BLKDISCARD", LinuxConstants.BLKDISCARD, offset, count));
    }

    private boolean ordered(long diskOffset, long length, Order order) throws IOException {
        try {
            for (long done = 0; done < length; done += STEP) {
                order.give(diskOffset + done, Math.min(STEP, length - done));
            }
            return true;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case LinuxConstants.EOPNOTSUPP, LinuxConstants.ENOTTY, LinuxConstants.ENOSYS -> false;
                default -> {
                    checkAlive(e);
                    throw e;
                }
            };
        }
    }

    @Override
    public void flush() throws IOException {
        device.fsync();
    }

    @Override
    public Optional<String> state() {
        try {
            // What waits in the page cache would be written, and counted, when we read past the cache.
            device.fsync();
        } catch (DeviceException e) {
            // A sick disk, whose failures its reads report; the count is right all the same.
        }
        return writes.state();
    }

    @Override
    public void willRead(long diskOffset, long length) {
        advise(diskOffset, length, LinuxConstants.POSIX_FADV_WILLNEED);
    }

    @Override
    public void dropCache(long diskOffset, long length) {
        advise(diskOffset, length, LinuxConstants.POSIX_FADV_DONTNEED);
    }

    private void advise(long diskOffset, long length, int advice) {
        try {
            // Answers with an error number, and never with −1; a hint that was not taken is no failure.
            device.call("posix_fadvise", diskOffset, fd -> libc.posix_fadvise(fd, diskOffset, length, advice));
        } catch (DeviceException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public List<SystemPartition> announce(List<SystemPartition> expected, Duration timeout) throws IOException {
        return partitions.announce(expected, timeout);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
