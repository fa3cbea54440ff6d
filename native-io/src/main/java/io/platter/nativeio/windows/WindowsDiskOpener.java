package io.platter.nativeio.windows;

import com.sun.jna.Memory;
import io.platter.block.Backing;
import io.platter.block.DeviceException;
import io.platter.block.DiskUse.Kind;
import io.platter.block.OpenMode;
import io.platter.device.DiskCapabilities;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.nativeio.platform.Refusal;
import io.platter.nativeio.platform.SectorDisk;
import io.platter.nativeio.windows.WindowsLayout.DISK_GEOMETRY;
import io.platter.nativeio.windows.WindowsLayout.GET_LENGTH_INFORMATION;
import io.platter.nativeio.windows.WindowsVolumes.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens a physical drive, or a volume for reading.
 *
 * <p>Since Windows Vista a drive can't be written where a mounted volume stands. So each volume of the drive is locked,
 * which fails as long as anybody has a file open on it, and dismounted; the lock lasts as long as its handle, which is
 * kept until the drive is closed. Source: FSCTL_LOCK_VOLUME, FSCTL_DISMOUNT_VOLUME in the Win32 reference.
 */
final class WindowsDiskOpener {
    private final Kernel32 kernel32;
    private final WindowsDisks disks;

    WindowsDiskOpener(Kernel32 kernel32) {
        this.kernel32 = kernel32;
        this.disks = new WindowsDisks(kernel32);
    }

    RawDisk openDrive(int number, OpenMode mode, DiskOpenOptions options) throws IOException {
        DiskDescription description = disks.describe(number, List.of());
        if (mode == OpenMode.WRITE) {
            Refusal.check(description, options);
        }
        List<Handle> held = new ArrayList<>();
        try {
            if (mode != OpenMode.READ) {
                for (Volume volume : disks.volumesOn(number)) {
                    held.add(lock(volume, mode, description, options));
                }
            }
            Handle drive = open(WindowsDisks.pathOf(number), mode, options);
            held.add(0, drive);
            DiskCapabilities capabilities =
                    new DiskCapabilities(options.directIo(), WindowsDisks.takesTrim(drive), false);
            return new SectorDisk(
                    new WindowsDiskChannel(drive, held, number),
                    description,
                    capabilities,
                    List.of(Backing.of(WindowsDisks.identity(number))),
                    mode == OpenMode.WRITE);
        } catch (IOException e) {
            closeAll(held, e);
            throw e;
        }
    }

    /** Opens a volume, such as a shadow copy, of which Windows knows no more than its size. */
    RawDisk openVolume(String name, DiskOpenOptions options) throws IOException {
        Handle volume = open(name, OpenMode.READ, options);
        try (Memory geometry = new Memory(DISK_GEOMETRY.SIZE);
                Memory length = new Memory(GET_LENGTH_INFORMATION.SIZE)) {
            volume.control("DISK_GET_DRIVE_GEOMETRY", WindowsConstants.IOCTL_DISK_GET_DRIVE_GEOMETRY, null, geometry);
            volume.control("DISK_GET_LENGTH_INFO", WindowsConstants.IOCTL_DISK_GET_LENGTH_INFO, null, length);
            try {
                // The filesystem hides the last sectors of its volume unless it is told not to.
                volume.control("ALLOW_EXTENDED_DASD_IO", WindowsConstants.FSCTL_ALLOW_EXTENDED_DASD_IO, null, null);
            } catch (DeviceException e) {
                if (e.osError() != WindowsConstants.ERROR_INVALID_FUNCTION) {
                    throw e;
                }
            }
            int sector = geometry.getInt(DISK_GEOMETRY.BytesPerSector);
            long size = length.getLong(GET_LENGTH_INFORMATION.Length);
            DiskDescription description = new DiskDescription(
                    Path.of(name), "", "", "", "", size, sector, sector, false, true, false, List.of(), List.of());
            return new SectorDisk(
                    new WindowsDiskChannel(volume, List.of(volume), -1),
                    description,
                    new DiskCapabilities(options.directIo(), false, false),
                    disks.backingOfVolume(name),
                    false);
        } catch (IOException e) {
            volume.close();
            throw e;
        }
    }

    private Handle lock(Volume volume, OpenMode mode, DiskDescription description, DiskOpenOptions options)
            throws IOException {
        int access = WindowsConstants.GENERIC_READ | (mode == OpenMode.WRITE ? WindowsConstants.GENERIC_WRITE : 0);
        Handle handle = Handle.open(kernel32, volume.device(), access, WindowsDisks.SHARE, 0);
        try {
            try {
                handle.control("LOCK_VOLUME", WindowsConstants.FSCTL_LOCK_VOLUME, null, null);
            } catch (DeviceException e) {
                if (e.osError() != WindowsConstants.ERROR_ACCESS_DENIED
                        && e.osError() != WindowsConstants.ERROR_SHARING_VIOLATION) {
                    throw e;
                }
                if (mode != OpenMode.WRITE || !options.overridden().contains(Kind.BUSY)) {
                    throw Refusal.busy(description, "files are open on " + volume.name(), e);
                }
            }
            if (mode == OpenMode.WRITE) {
                handle.control("DISMOUNT_VOLUME", WindowsConstants.FSCTL_DISMOUNT_VOLUME, null, null);
            }
            return handle;
        } catch (IOException e) {
            handle.close();
            throw e;
        }
    }

    private Handle open(String name, OpenMode mode, DiskOpenOptions options) throws DeviceException {
        int access = WindowsConstants.GENERIC_READ | (mode == OpenMode.WRITE ? WindowsConstants.GENERIC_WRITE : 0);
        int flags = options.directIo()
                ? WindowsConstants.FILE_FLAG_NO_BUFFERING | WindowsConstants.FILE_FLAG_WRITE_THROUGH
                : 0;
        return Handle.open(kernel32, name, access, WindowsDisks.SHARE, flags);
    }

    private static void closeAll(List<Handle> handles, IOException failure) {
        for (Handle handle : handles) {
            try {
                handle.close();
            } catch (DeviceException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
