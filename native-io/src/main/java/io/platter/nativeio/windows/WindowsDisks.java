package io.platter.nativeio.windows;

import com.sun.jna.Memory;
import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.DeviceException;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileIdentity;
import io.platter.device.DiskDescription;
import io.platter.device.SystemPartition;
import io.platter.nativeio.windows.WindowsLayout.DEVICE_SEEK_PENALTY_DESCRIPTOR;
import io.platter.nativeio.windows.WindowsLayout.DEVICE_TRIM_DESCRIPTOR;
import io.platter.nativeio.windows.WindowsLayout.DISK_GEOMETRY_EX;
import io.platter.nativeio.windows.WindowsLayout.DRIVE_LAYOUT_INFORMATION_EX;
import io.platter.nativeio.windows.WindowsLayout.PARTITION_INFORMATION_EX;
import io.platter.nativeio.windows.WindowsLayout.STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR;
import io.platter.nativeio.windows.WindowsLayout.STORAGE_DEVICE_DESCRIPTOR;
import io.platter.nativeio.windows.WindowsLayout.STORAGE_PROPERTY_QUERY;
import io.platter.nativeio.windows.WindowsVolumes.Volume;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The physical drives as {@code DeviceIoControl} tells of them; asking needs no rights. */
final class WindowsDisks {
    static final int SHARE = WindowsConstants.FILE_SHARE_READ | WindowsConstants.FILE_SHARE_WRITE;

    /** Drive numbers are given from 0 and have gaps where one was pulled out; this many are asked for. */
    private static final int DRIVES = 128;

    /** Room for a description with texts, and for a table of 128 partitions and more, in bytes. */
    private static final int DESCRIPTOR_ROOM = 4096;

    private static final int LAYOUT_ROOM = 256 * 1024;

    /** Source: STORAGE_BUS_TYPE of ntddstor.h, from 0. */
    private static final List<String> BUSES = List.of(
            "",
            "scsi",
            "atapi",
            "ata",
            "ieee1394",
            "ssa",
            "fibre",
            "usb",
            "raid",
            "iscsi",
            "sas",
            "ata",
            "sd",
            "mmc",
            "virtual",
            "virtual",
            "spaces",
            "nvme",
            "scm",
            "ufs");

    private final Kernel32 kernel32;
    private final WindowsVolumes volumes;

    WindowsDisks(Kernel32 kernel32) {
        this.kernel32 = kernel32;
        this.volumes = new WindowsVolumes(kernel32);
    }

    static String pathOf(int number) {
        return "\\\\.\\PhysicalDrive" + number;
    }

    static FileIdentity identity(int number) {
        return FileIdentity.ofDisk("PhysicalDrive" + number);
    }

    /** Returns on what a volume stands: somewhere on its disks. */
    List<Backing> backingOfVolume(String name) throws DeviceException {
        return volumes.disksOf(name).stream()
                .map(disk -> Backing.of(identity(disk), Relation.INSIDE))
                .toList();
    }

    /** Returns the disks on which a file stands. */
    List<Backing> disksOfFile(Path file) throws DeviceException {
        return volumes.disksOf(volumes.holding(file)).stream()
                .map(disk -> Backing.of(identity(disk), Relation.STORED_ON))
                .toList();
    }

    List<DiskDescription> list(List<Path> ownFiles) throws DeviceException {
        List<DiskDescription> disks = new ArrayList<>();
        List<Volume> all = volumes.list();
        for (int number = 0; number < DRIVES; number++) {
            try {
                disks.add(describe(number, all, ownFiles));
            } catch (DeviceException e) {
                switch (e.osError()) {
                    case WindowsConstants.ERROR_FILE_NOT_FOUND,
                            WindowsConstants.ERROR_PATH_NOT_FOUND,
                            WindowsConstants.ERROR_NOT_READY,
                            WindowsConstants.ERROR_NO_MEDIA_IN_DRIVE -> {
                        // No drive of this number, or a card reader without a card.
                    }
                    default -> throw e;
                }
            }
        }
        return disks;
    }

    DiskDescription describe(int number, List<Path> ownFiles) throws DeviceException {
        return describe(number, volumes.list(), ownFiles);
    }

    /** Returns the volumes that stand on a disk. */
    List<Volume> volumesOn(int number) throws DeviceException {
        return volumes.list().stream()
                .filter(volume -> volume.disks().contains(number))
                .toList();
    }

    private DiskDescription describe(int number, List<Volume> all, List<Path> ownFiles) throws DeviceException {
        String path = pathOf(number);
        try (Handle drive = Handle.open(kernel32, path, 0, SHARE, 0);
                Memory geometry = new Memory(DESCRIPTOR_ROOM);
                Memory descriptor = new Memory(DESCRIPTOR_ROOM)) {
            geometry.clear();
            drive.control(
                    "DISK_GET_DRIVE_GEOMETRY_EX", WindowsConstants.IOCTL_DISK_GET_DRIVE_GEOMETRY_EX, null, geometry);
            int logical = geometry.getInt(DISK_GEOMETRY_EX.Geometry_BytesPerSector);
            int known = query(drive, WindowsConstants.StorageDeviceProperty, descriptor);
            boolean readOnly = isReadOnly(drive);
            List<DiskUse> uses = uses(number, all, ownFiles);
            if (readOnly) {
                uses.add(0, new DiskUse(Kind.READ_ONLY, "the system says so"));
            }
            return new DiskDescription(
                    Path.of(path),
                    (text(descriptor, known, STORAGE_DEVICE_DESCRIPTOR.VendorIdOffset) + " "
                                    + text(descriptor, known, STORAGE_DEVICE_DESCRIPTOR.ProductIdOffset))
                            .strip(),
                    text(descriptor, known, STORAGE_DEVICE_DESCRIPTOR.SerialNumberOffset),
                    "",
                    bus(descriptor, known),
                    geometry.getLong(DISK_GEOMETRY_EX.DiskSize),
                    logical,
                    Math.max(logical, physicalSectorSize(drive)),
                    known > STORAGE_DEVICE_DESCRIPTOR.RemovableMedia
                            && descriptor.getByte(STORAGE_DEVICE_DESCRIPTOR.RemovableMedia) != 0,
                    readOnly,
                    flag(
                            drive,
                            WindowsConstants.StorageDeviceSeekPenaltyProperty,
                            DEVICE_SEEK_PENALTY_DESCRIPTOR.IncursSeekPenalty),
                    partitions(drive, number),
                    uses);
        }
    }

    private List<DiskUse> uses(int number, List<Volume> all, List<Path> ownFiles) throws DeviceException {
        String system = volumes.ofSystem();
        List<DiskUse> uses = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Volume volume : all) {
            if (volume.disks().contains(number)) {
                names.add(volume.name());
                for (String point : volume.mountPoints()) {
                    uses.add(new DiskUse(Kind.MOUNTED, volume.name() + " on " + point));
                }
            }
        }
        if (names.contains(system)) {
            uses.add(new DiskUse(Kind.SYSTEM, system));
        }
        for (Path file : ownFiles) {
            if (names.contains(volumes.holding(file))) {
                uses.add(new DiskUse(Kind.HOLDS_FILE, file.toString()));
            }
        }
        return uses;
    }

    static boolean isReadOnly(Handle drive) throws DeviceException {
        try {
            drive.control("DISK_IS_WRITABLE", WindowsConstants.IOCTL_DISK_IS_WRITABLE, null, null);
            return false;
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case WindowsConstants.ERROR_WRITE_PROTECT -> true;
                case WindowsConstants.ERROR_INVALID_FUNCTION, WindowsConstants.ERROR_NOT_SUPPORTED -> false;
                default -> throw e;
            };
        }
    }

    /** Tells whether unused ranges are of interest to the device. */
    static boolean takesTrim(Handle drive) throws DeviceException {
        return flag(drive, WindowsConstants.StorageDeviceTrimProperty, DEVICE_TRIM_DESCRIPTOR.TrimEnabled);
    }

    private static boolean flag(Handle drive, int property, int offset) throws DeviceException {
        try (Memory descriptor = new Memory(DESCRIPTOR_ROOM)) {
            return query(drive, property, descriptor) > offset && descriptor.getByte(offset) != 0;
        }
    }

    private static int physicalSectorSize(Handle drive) throws DeviceException {
        try (Memory descriptor = new Memory(DESCRIPTOR_ROOM)) {
            int length = query(drive, WindowsConstants.StorageAccessAlignmentProperty, descriptor);
            return length < STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR.SIZE
                    ? 0
                    : descriptor.getInt(STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR.BytesPerPhysicalSector);
        }
    }

    /** Asks for a property; returns how many bytes of it came, 0 if the driver does not know it. */
    private static int query(Handle drive, int property, Memory descriptor) throws DeviceException {
        try (Memory query = new Memory(STORAGE_PROPERTY_QUERY.SIZE)) {
            query.clear();
            query.setInt(STORAGE_PROPERTY_QUERY.PropertyId, property);
            query.setInt(STORAGE_PROPERTY_QUERY.QueryType, 0); // PropertyStandardQuery
            descriptor.clear();
            return drive.control(
                    "STORAGE_QUERY_PROPERTY", WindowsConstants.IOCTL_STORAGE_QUERY_PROPERTY, query, descriptor);
        } catch (DeviceException e) {
            return switch (e.osError()) {
                case WindowsConstants.ERROR_INVALID_FUNCTION, WindowsConstants.ERROR_NOT_SUPPORTED -> 0;
                default -> throw e;
            };
        }
    }

    /** Returns the text at whose place a field points; both may be absent. */
    private static String text(Memory descriptor, int length, int field) {
        if (length < field + 4) {
            return "";
        }
        int start = descriptor.getInt(field);
        if (start <= 0 || start >= length) {
            return "";
        }
        byte[] bytes = descriptor.getByteArray(start, length - start);
        String text = new String(bytes, StandardCharsets.US_ASCII);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).strip();
    }

    private static String bus(Memory descriptor, int length) {
        int type = length < STORAGE_DEVICE_DESCRIPTOR.BusType + 4
                ? 0
                : descriptor.getInt(STORAGE_DEVICE_DESCRIPTOR.BusType);
        return type >= 0 && type < BUSES.size() ? BUSES.get(type) : "";
    }

    static List<SystemPartition> partitions(Handle drive, int disk) throws DeviceException {
        Optional<Memory> layout = layout(drive);
        if (layout.isEmpty()) {
            return List.of();
        }
        List<SystemPartition> partitions = new ArrayList<>();
        try (Memory memory = layout.get()) {
            long most = (memory.size() - DRIVE_LAYOUT_INFORMATION_EX.PartitionEntry) / PARTITION_INFORMATION_EX.SIZE;
            long count = Integer.toUnsignedLong(memory.getInt(DRIVE_LAYOUT_INFORMATION_EX.PartitionCount));
            for (long i = 0; i < Math.min(count, most); i++) {
                long entry = DRIVE_LAYOUT_INFORMATION_EX.PartitionEntry + i * PARTITION_INFORMATION_EX.SIZE;
                int number = memory.getInt(entry + PARTITION_INFORMATION_EX.PartitionNumber);
                long length = memory.getLong(entry + PARTITION_INFORMATION_EX.PartitionLength);
                if (number > 0 && length > 0) { // else an empty place of an MBR, or an extended partition
                    partitions.add(new SystemPartition(
                            number,
                            Path.of("\\\\.\\GLOBALROOT\\Device\\Harddisk" + disk + "\\Partition" + number),
                            memory.getLong(entry + PARTITION_INFORMATION_EX.StartingOffset),
                            length));
                }
            }
        }
        partitions.sort(Comparator.comparingInt(SystemPartition::number));
        return partitions;
    }

    private static Optional<Memory> layout(Handle drive) throws DeviceException {
        Memory memory = new Memory(LAYOUT_ROOM);
        try {
            memory.clear();
            drive.control("DISK_GET_DRIVE_LAYOUT_EX", WindowsConstants.IOCTL_DISK_GET_DRIVE_LAYOUT_EX, null, memory);
            return Optional.of(memory);
        } catch (DeviceException e) {
            memory.close();
            return switch (e.osError()) {
                case WindowsConstants.ERROR_INVALID_FUNCTION, WindowsConstants.ERROR_NOT_SUPPORTED -> Optional.empty();
                default -> throw e;
            };
        }
    }
}
