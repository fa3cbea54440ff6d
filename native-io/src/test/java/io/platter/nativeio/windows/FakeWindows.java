package io.platter.nativeio.windows;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.WString;
import com.sun.jna.ptr.IntByReference;
import io.platter.nativeio.windows.WindowsLayout.DEVICE_MANAGE_DATA_SET_ATTRIBUTES;
import io.platter.nativeio.windows.WindowsLayout.DISK_EXTENT;
import io.platter.nativeio.windows.WindowsLayout.DISK_GEOMETRY_EX;
import io.platter.nativeio.windows.WindowsLayout.DRIVE_LAYOUT_INFORMATION_EX;
import io.platter.nativeio.windows.WindowsLayout.OVERLAPPED;
import io.platter.nativeio.windows.WindowsLayout.PARTITION_INFORMATION_EX;
import io.platter.nativeio.windows.WindowsLayout.STORAGE_DEVICE_DESCRIPTOR;
import io.platter.nativeio.windows.WindowsLayout.VOLUME_DISK_EXTENTS;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Windows with two drives in memory: the system's drive 0, which holds {@code C:}, and drive 1, whose one partition is
 * {@code D:}. As on the real one, a drive can be written where a volume stands only while that is locked or dismounted,
 * and a volume with open files can't be locked.
 */
final class FakeWindows implements Kernel32 {
    static final String SYSTEM_VOLUME = "\\\\?\\Volume{c}\\";
    static final String DATA_VOLUME = "\\\\?\\Volume{d}\\";

    final byte[][] drives = {new byte[64 * 1024], new byte[64 * 1024]};
    final List<String> calls = new ArrayList<>();
    final Set<String> dismounted = new HashSet<>();

    /** Codes of {@code DeviceIoControl} that fail, with the error of each. */
    final Map<Integer, Integer> refused = new HashMap<>();

    /** The number of the call that fails, from 1, with {@link #error}; 0 for none. */
    int failing;

    int error = 1117; // ERROR_IO_DEVICE
    boolean dataIsInUse;
    boolean dataIsMounted = true;

    private final Map<Long, String> open = new HashMap<>();
    private int volume;

    Set<String> stillOpen() {
        return new HashSet<>(open.values());
    }

    private boolean fails(String call) {
        calls.add(call);
        return calls.size() == failing && fail(error);
    }

    private static boolean fail(int error) {
        Native.setLastError(error);
        return true;
    }

    @Override
    public Pointer CreateFileW(
            WString name,
            int access,
            int share,
            @Nullable Pointer security,
            int disposition,
            int flags,
            @Nullable Pointer template) {
        String path = name.toString();
        boolean known = Set.of("\\\\.\\PhysicalDrive0", "\\\\.\\PhysicalDrive1", "\\\\?\\Volume{c}", "\\\\?\\Volume{d}")
                .contains(path);
        if (fails("CreateFile") || (!known && fail(WindowsConstants.ERROR_FILE_NOT_FOUND))) {
            return new Pointer(-1);
        }
        long handle = 1000L + calls.size();
        open.put(handle, path);
        return new Pointer(handle);
    }

    @Override
    public boolean CloseHandle(Pointer handle) {
        if (open.remove(Pointer.nativeValue(handle)) == null) {
            throw new AssertionError("close of " + handle);
        }
        return !fails("CloseHandle");
    }

    private String path(Pointer handle) {
        String path = open.get(Pointer.nativeValue(handle));
        if (path == null) {
            throw new AssertionError(handle + " is not open");
        }
        return path;
    }

    private boolean isSystem(Pointer handle) {
        return path(handle).endsWith("0") || path(handle).endsWith("{c}");
    }

    private byte[] drive(Pointer handle) {
        return drives[isSystem(handle) ? 0 : 1];
    }

    @Override
    public boolean DeviceIoControl(
            Pointer handle,
            int code,
            @Nullable Pointer input,
            int inputLength,
            @Nullable Pointer output,
            int outputLength,
            IntByReference returned,
            @Nullable Pointer overlapped) {
        String path = path(handle);
        if (fails("DeviceIoControl " + Integer.toHexString(code))) {
            return false;
        }
        Integer refusal = refused.get(code);
        if (refusal != null) {
            return !fail(refusal);
        }
        ByteBuffer answer = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        switch (code) {
            case WindowsConstants.IOCTL_DISK_GET_DRIVE_GEOMETRY_EX, WindowsConstants.IOCTL_DISK_GET_DRIVE_GEOMETRY -> {
                answer.putInt(DISK_GEOMETRY_EX.Geometry_BytesPerSector, 512);
                answer.putLong(DISK_GEOMETRY_EX.DiskSize, drive(handle).length);
                answer.limit(Math.min(outputLength, 40));
            }
            case WindowsConstants.IOCTL_DISK_GET_LENGTH_INFO ->
                answer.putLong(0, drive(handle).length).limit(8);
            case WindowsConstants.IOCTL_STORAGE_QUERY_PROPERTY ->
                property(Objects.requireNonNull(input).getInt(0), answer);
            case WindowsConstants.IOCTL_DISK_GET_DRIVE_LAYOUT_EX -> layout(answer);
            case WindowsConstants.IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS -> {
                answer.putInt(VOLUME_DISK_EXTENTS.NumberOfDiskExtents, 1);
                answer.putInt(VOLUME_DISK_EXTENTS.Extents + DISK_EXTENT.DiskNumber, path.endsWith("{c}") ? 0 : 1);
                answer.limit(VOLUME_DISK_EXTENTS.Extents + DISK_EXTENT.SIZE);
            }
            case WindowsConstants.FSCTL_LOCK_VOLUME -> {
                if (dataIsInUse || path.endsWith("{c}")) {
                    return !fail(WindowsConstants.ERROR_ACCESS_DENIED);
                }
                answer.limit(0);
            }
            case WindowsConstants.FSCTL_DISMOUNT_VOLUME -> {
                dismounted.add(path);
                answer.limit(0);
            }
            case WindowsConstants.IOCTL_STORAGE_MANAGE_DATA_SET_ATTRIBUTES -> {
                Pointer order = Objects.requireNonNull(input);
                int ranges = order.getInt(DEVICE_MANAGE_DATA_SET_ATTRIBUTES.DataSetRangesOffset);
                int start = (int) order.getLong(ranges);
                Arrays.fill(drive(handle), start, start + (int) order.getLong(ranges + 8), (byte) 0);
                answer.limit(0);
            }
            default -> answer.limit(0);
        }
        returned.setValue(answer.limit());
        if (output != null) {
            output.write(0, answer.array(), 0, answer.limit());
        }
        return true;
    }

    private static void property(int property, ByteBuffer answer) {
        switch (property) {
            case WindowsConstants.StorageDeviceProperty -> {
                answer.put(STORAGE_DEVICE_DESCRIPTOR.RemovableMedia, (byte) 1);
                answer.putInt(STORAGE_DEVICE_DESCRIPTOR.VendorIdOffset, 40);
                answer.putInt(STORAGE_DEVICE_DESCRIPTOR.ProductIdOffset, 50);
                answer.putInt(STORAGE_DEVICE_DESCRIPTOR.SerialNumberOffset, 60);
                answer.putInt(STORAGE_DEVICE_DESCRIPTOR.BusType, 7);
                answer.put(40, "Maker   \0".getBytes(StandardCharsets.US_ASCII));
                answer.put(50, "Stick\0".getBytes(StandardCharsets.US_ASCII));
                answer.put(60, "  0815\0".getBytes(StandardCharsets.US_ASCII));
                answer.limit(67);
            }
            case WindowsConstants.StorageAccessAlignmentProperty ->
                answer.putInt(20, 4096).limit(28);
            default -> answer.put(8, (byte) 1).limit(12);
        }
    }

    private static void layout(ByteBuffer answer) {
        answer.putInt(DRIVE_LAYOUT_INFORMATION_EX.PartitionCount, 2);
        int entry = DRIVE_LAYOUT_INFORMATION_EX.PartitionEntry + PARTITION_INFORMATION_EX.SIZE; // the first is empty
        answer.putLong(entry + PARTITION_INFORMATION_EX.StartingOffset, 4096);
        answer.putLong(entry + PARTITION_INFORMATION_EX.PartitionLength, 8192);
        answer.putInt(entry + PARTITION_INFORMATION_EX.PartitionNumber, 1);
        answer.limit(entry + PARTITION_INFORMATION_EX.SIZE);
    }

    private static int offset(Pointer overlapped) {
        return overlapped.getInt(OVERLAPPED.Offset) + (overlapped.getInt(OVERLAPPED.OffsetHigh) << 31 << 1);
    }

    @Override
    public boolean ReadFile(Pointer handle, ByteBuffer target, int count, IntByReference done, Pointer overlapped) {
        if (fails("ReadFile")) {
            return false;
        }
        int length = Math.min(count, 1024);
        target.put(drive(handle), offset(overlapped), length);
        done.setValue(length);
        return true;
    }

    @Override
    public boolean WriteFile(Pointer handle, ByteBuffer source, int count, IntByReference done, Pointer overlapped) {
        if (fails("WriteFile")) {
            return false;
        }
        String volume = isSystem(handle) ? "\\\\?\\Volume{c}" : "\\\\?\\Volume{d}";
        if (!dismounted.contains(volume)) {
            return !fail(WindowsConstants.ERROR_ACCESS_DENIED);
        }
        int length = Math.min(count, 1024);
        source.get(drive(handle), offset(overlapped), length);
        done.setValue(length);
        return true;
    }

    @Override
    public boolean FlushFileBuffers(Pointer handle) {
        return !fails("FlushFileBuffers");
    }

    private static boolean fill(String text, char[] target) {
        Arrays.fill(target, '\0');
        text.getChars(0, text.length(), target, 0);
        return true;
    }

    @Override
    public Pointer FindFirstVolumeW(char[] name, int length) {
        if (fails("FindFirstVolume")) {
            return new Pointer(-1);
        }
        volume = 0;
        fill(SYSTEM_VOLUME, name);
        return new Pointer(7);
    }

    @Override
    public boolean FindNextVolumeW(Pointer search, char[] name, int length) {
        if (fails("FindNextVolume")) {
            return false;
        }
        return ++volume == 1 ? fill(DATA_VOLUME, name) : !fail(WindowsConstants.ERROR_NO_MORE_FILES);
    }

    @Override
    public boolean FindVolumeClose(Pointer search) {
        return true;
    }

    @Override
    public boolean GetVolumePathNamesForVolumeNameW(WString name, char[] names, int length, IntByReference needed) {
        if (fails("GetVolumePathNamesForVolumeName")) {
            return false;
        }
        String data = dataIsMounted ? "D:\\\0E:\\data\\\0\0" : "\0";
        return fill(name.toString().equals(SYSTEM_VOLUME) ? "C:\\\0\0" : data, names);
    }

    @Override
    public boolean GetVolumePathNameW(WString file, char[] mountPoint, int length) {
        return !fails("GetVolumePathName") && fill(file.toString().contains("image") ? "D:\\" : "C:\\", mountPoint);
    }

    @Override
    public boolean GetVolumeNameForVolumeMountPointW(WString mountPoint, char[] name, int length) {
        return !fails("GetVolumeNameForVolumeMountPoint")
                && fill(mountPoint.toString().equals("D:\\") ? DATA_VOLUME : SYSTEM_VOLUME, name);
    }

    @Override
    public int GetSystemWindowsDirectoryW(char[] directory, int length) {
        return fails("GetSystemWindowsDirectory") || !fill("C:\\Windows", directory) ? 0 : 10;
    }

    @Override
    public int FormatMessageW(
            int flags,
            @Nullable Pointer source,
            int message,
            int language,
            char[] text,
            int length,
            @Nullable Pointer arguments) {
        String answer = "error number " + message + "\r\n";
        fill(answer, text);
        return answer.length();
    }
}
