package io.platter.nativeio.windows;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.WString;
import com.sun.jna.ptr.IntByReference;
import io.platter.block.DeviceException;
import io.platter.nativeio.windows.WindowsLayout.DISK_EXTENT;
import io.platter.nativeio.windows.WindowsLayout.VOLUME_DISK_EXTENTS;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The volumes of the machine, and on which disks each stands. */
final class WindowsVolumes {
    /** Enough for a {@code MAX_PATH} with long paths. */
    private static final int LONGEST_NAME = 32_768;

    /** A volume spans a handful of disks; more than this many extents are refused. */
    private static final int MOST_EXTENTS = 4096;

    /**
     * A volume.
     *
     * @param name as <code>&#92;&#92;?&#92;Volume{…}&#92;</code>
     * @param mountPoints where it is mounted: drive letters and directories
     * @param disks the numbers of the disks that it stands on
     */
    record Volume(String name, List<String> mountPoints, Set<Integer> disks) {
        /** Returns the name by which the volume itself is opened, and not its root directory. */
        String device() {
            return name.substring(0, name.length() - 1);
        }
    }

    private final Kernel32 kernel32;

    WindowsVolumes(Kernel32 kernel32) {
        this.kernel32 = kernel32;
    }

    List<Volume> list() throws DeviceException {
        List<Volume> volumes = new ArrayList<>();
        char[] name = new char[LONGEST_NAME];
        Pointer search = kernel32.FindFirstVolumeW(name, name.length);
        if (search == null || Pointer.nativeValue(search) == -1) {
            throw failure("FindFirstVolume", "volumes", WindowsConstants.ERROR_NO_MORE_FILES)
                    .orElseThrow(() -> new DeviceException(
                            "volumes", "FindFirstVolume", -1, WindowsConstants.ERROR_NO_MORE_FILES, "none", null));
        }
        try {
            do {
                String volume = Native.toString(name);
                volumes.add(new Volume(volume, mountPoints(volume), disks(volume)));
            } while (kernel32.FindNextVolumeW(search, name, name.length));
            Optional<DeviceException> failure =
                    failure("FindNextVolume", "volumes", WindowsConstants.ERROR_NO_MORE_FILES);
            if (failure.isPresent()) {
                throw failure.get();
            }
            return volumes;
        } finally {
            kernel32.FindVolumeClose(search);
        }
    }

    /** Returns the disks on which a volume stands that is named in any way: by itself, or by a place where it is mounted. */
    Set<Integer> disksOf(String volume) throws DeviceException {
        String name = volume.replaceFirst("^\\\\\\\\[.?]\\\\", "").replaceFirst("\\\\+$", "");
        for (Volume one : list()) {
            boolean named = one.device().substring("\\\\?\\".length()).equalsIgnoreCase(name)
                    || one.mountPoints().stream()
                            .anyMatch(point -> point.replaceFirst("\\\\+$", "").equalsIgnoreCase(name));
            if (named) {
                return one.disks();
            }
        }
        return Set.of();
    }

    /** Returns the volume's name on which a file stands, or will stand. */
    String holding(Path file) throws DeviceException {
        return holding(file.toAbsolutePath().toString());
    }

    /** Returns the volume's name on which the running system stands. */
    String ofSystem() throws DeviceException {
        char[] directory = new char[LONGEST_NAME];
        if (kernel32.GetSystemWindowsDirectoryW(directory, directory.length) == 0) {
            throw Handle.failure(kernel32, "Windows", "GetSystemWindowsDirectory", -1, Native.getLastError());
        }
        return holding(Native.toString(directory));
    }

    private String holding(String file) throws DeviceException {
        char[] mountPoint = new char[LONGEST_NAME];
        if (!kernel32.GetVolumePathNameW(new WString(file), mountPoint, mountPoint.length)) {
            throw Handle.failure(kernel32, file, "GetVolumePathName", -1, Native.getLastError());
        }
        char[] volume = new char[LONGEST_NAME];
        String point = Native.toString(mountPoint);
        if (!kernel32.GetVolumeNameForVolumeMountPointW(new WString(point), volume, volume.length)) {
            throw Handle.failure(kernel32, point, "GetVolumeNameForVolumeMountPoint", -1, Native.getLastError());
        }
        return Native.toString(volume);
    }

    private List<String> mountPoints(String volume) throws DeviceException {
        char[] names = new char[LONGEST_NAME];
        IntByReference needed = new IntByReference();
        if (!kernel32.GetVolumePathNamesForVolumeNameW(new WString(volume), names, names.length, needed)) {
            throw Handle.failure(kernel32, volume, "GetVolumePathNamesForVolumeName", -1, Native.getLastError());
        }
        List<String> points = new ArrayList<>();
        // Texts with a NUL after each, and one more after all.
        for (int start = 0; start < names.length && names[start] != 0; ) {
            int end = start;
            while (end < names.length && names[end] != 0) {
                end++;
            }
            points.add(new String(names, start, end - start));
            start = end + 1;
        }
        return points;
    }

    private Set<Integer> disks(String volume) throws DeviceException {
        String device = volume.substring(0, volume.length() - 1);
        int share = WindowsConstants.FILE_SHARE_READ | WindowsConstants.FILE_SHARE_WRITE;
        try (Handle handle = Handle.open(kernel32, device, 0, share, 0)) {
            for (int extents = 1; ; extents *= 8) {
                try (Memory output = new Memory(VOLUME_DISK_EXTENTS.Extents + (long) extents * DISK_EXTENT.SIZE)) {
                    int length = handle.control(
                            "VOLUME_GET_VOLUME_DISK_EXTENTS",
                            WindowsConstants.IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS,
                            null,
                            output);
                    return diskNumbers(output, length);
                } catch (DeviceException e) {
                    if (e.osError() != WindowsConstants.ERROR_MORE_DATA || extents > MOST_EXTENTS) {
                        throw e;
                    }
                }
            }
        } catch (DeviceException e) {
            return switch (e.osError()) {
                // Optical drives, empty card readers and volumes of the network stand on no disk.
                case WindowsConstants.ERROR_INVALID_FUNCTION,
                        WindowsConstants.ERROR_NOT_READY,
                        WindowsConstants.ERROR_NOT_SUPPORTED,
                        WindowsConstants.ERROR_NO_MEDIA_IN_DRIVE,
                        WindowsConstants.ERROR_FILE_NOT_FOUND -> Set.of();
                default -> throw e;
            };
        }
    }

    private static Set<Integer> diskNumbers(Memory output, int length) {
        Set<Integer> disks = new HashSet<>();
        int count = output.getInt(VOLUME_DISK_EXTENTS.NumberOfDiskExtents);
        int there = (length - VOLUME_DISK_EXTENTS.Extents) / DISK_EXTENT.SIZE;
        for (int i = 0; i < Math.min(count, there); i++) {
            disks.add(
                    output.getInt(VOLUME_DISK_EXTENTS.Extents + (long) i * DISK_EXTENT.SIZE + DISK_EXTENT.DiskNumber));
        }
        return disks;
    }

    /** Returns the failure of the last call, unless it is the one that only says that there are no more. */
    private Optional<DeviceException> failure(String operation, String name, int expected) {
        int error = Native.getLastError();
        return error == expected ? Optional.empty() : Optional.of(Handle.failure(kernel32, name, operation, -1, error));
    }
}
