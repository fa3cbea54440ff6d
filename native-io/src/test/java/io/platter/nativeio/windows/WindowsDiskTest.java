package io.platter.nativeio.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DiskInUseException;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileIdentity;
import io.platter.block.OpenMode;
import io.platter.device.DiskCapabilities;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.SystemPartition;
import io.platter.testkit.BlockDeviceContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Drives of Windows, over answers as the real one gives them. */
class WindowsDiskTest {
    private static final DiskOpenOptions MOUNTED_TOO =
            DiskOpenOptions.builder().writeEvenIf(Kind.MOUNTED).build();

    private final FakeWindows windows = new FakeWindows();

    @Nested
    class Contract implements BlockDeviceContract {
        @Override
        public BlockDevice deviceOf(byte[] content) throws IOException {
            windows.drives[1] = content;
            return open(OpenMode.WRITE, MOUNTED_TOO);
        }
    }

    @Test
    void drivesAreDescribed() throws IOException {
        List<DiskDescription> disks = new WindowsDisks(windows).list(List.of(Path.of("image")));

        assertThat(disks).hasSize(2);
        assertThat(disks.get(0).uses()).extracting(DiskUse::kind).containsExactly(Kind.MOUNTED, Kind.SYSTEM);
        Path partition = Path.of("\\\\.\\GLOBALROOT\\Device\\Harddisk1\\Partition1");
        assertThat(disks.get(1))
                .isEqualTo(new DiskDescription(
                        Path.of("\\\\.\\PhysicalDrive1"),
                        "Maker Stick",
                        "0815",
                        "",
                        "usb",
                        64 * 1024,
                        512,
                        4096,
                        true,
                        false,
                        true,
                        List.of(new SystemPartition(1, partition, 4096, 8192)),
                        List.of(
                                new DiskUse(Kind.MOUNTED, FakeWindows.DATA_VOLUME + " on D:\\"),
                                new DiskUse(Kind.MOUNTED, FakeWindows.DATA_VOLUME + " on E:\\data\\"),
                                new DiskUse(Kind.HOLDS_FILE, "image"))));
        assertThat(windows.stillOpen()).isEmpty();
    }

    @Test
    void volumesStandInsideTheirDrivesAndFilesOnThem() throws IOException {
        WindowsDisks disks = new WindowsDisks(windows);
        for (String name : List.of("\\\\.\\D:", "\\\\?\\Volume{d}", FakeWindows.DATA_VOLUME)) {
            assertThat(disks.backingOfVolume(name))
                    .containsExactly(Backing.of(FileIdentity.ofDisk("PhysicalDrive1"), Relation.INSIDE));
        }
        assertThat(disks.backingOfVolume("\\\\.\\X:")).isEmpty();
        assertThat(disks.disksOfFile(Path.of("image")))
                .containsExactly(Backing.of(FileIdentity.ofDisk("PhysicalDrive1"), Relation.STORED_ON));
        assertThat(windows.stillOpen()).isEmpty();
    }

    @Test
    void driversThatKnowLittleAreNoFailure() throws IOException {
        windows.refused.put(WindowsConstants.IOCTL_STORAGE_QUERY_PROPERTY, WindowsConstants.ERROR_INVALID_FUNCTION);
        windows.refused.put(WindowsConstants.IOCTL_DISK_GET_DRIVE_LAYOUT_EX, WindowsConstants.ERROR_NOT_SUPPORTED);
        windows.refused.put(WindowsConstants.IOCTL_DISK_IS_WRITABLE, WindowsConstants.ERROR_WRITE_PROTECT);
        DiskDescription disk = new WindowsDisks(windows).describe(1, List.of());
        assertThat(disk.model()).isEmpty();
        assertThat(disk.physicalSectorSize()).isEqualTo(512);
        assertThat(disk.partitions()).isEmpty();
        assertThat(disk.readOnly()).isTrue();
        assertThatThrownBy(() -> open(OpenMode.WRITE, MOUNTED_TOO))
                .isInstanceOf(DiskInUseException.class)
                .hasMessageContaining("READ_ONLY");
    }

    @Test
    void aMountedDriveIsRefused() {
        assertThatThrownBy(() -> open(OpenMode.WRITE, DiskOpenOptions.defaults()))
                .isInstanceOf(DiskInUseException.class)
                .hasMessageContaining("MOUNTED (" + FakeWindows.DATA_VOLUME + " on D:\\)");
        assertThat(windows.stillOpen()).isEmpty();
    }

    @Test
    void volumesAreLockedAndDismountedAsLongAsTheDriveIsWritten() throws IOException {
        windows.dataIsMounted = false;
        try (RawDisk disk = open(OpenMode.WRITE, DiskOpenOptions.defaults())) {
            assertThat(disk.capabilities()).isEqualTo(new DiskCapabilities(true, true, false));
            assertThat(windows.stillOpen()).contains("\\\\?\\Volume{d}", "\\\\.\\PhysicalDrive1");
            assertThat(windows.dismounted).containsExactly("\\\\?\\Volume{d}");
        }
        assertThat(windows.stillOpen()).isEmpty();
    }

    @Test
    void aVolumeWithOpenFilesIsTakenOnlyIfTheCallSaysSo() throws IOException {
        windows.dataIsInUse = true;
        assertThatThrownBy(() -> open(OpenMode.WRITE, MOUNTED_TOO))
                .isInstanceOf(DiskInUseException.class)
                .hasMessageContaining("BUSY");
        assertThatThrownBy(() -> open(OpenMode.READ_EXCLUSIVE, MOUNTED_TOO)).isInstanceOf(DiskInUseException.class);
        assertThat(windows.stillOpen()).isEmpty();
        open(OpenMode.READ, DiskOpenOptions.defaults()).close();
        open(OpenMode.WRITE, MOUNTED_TOO.toBuilder().writeEvenIf(Kind.BUSY).build())
                .close();
        assertThat(windows.stillOpen()).isEmpty();
    }

    @Test
    void everyCallThatFailsIsReportedAndLeavesNothingOpen() throws IOException {
        allOperations(windows);
        int calls = windows.calls.size();
        for (int call = 1; call <= calls; call++) {
            FakeWindows failing = new FakeWindows();
            failing.failing = call;
            assertThatThrownBy(() -> allOperations(failing))
                    .as("call " + call)
                    .isInstanceOfSatisfying(DeviceException.class, e -> {
                        assertThat(e.osError()).isEqualTo(1117);
                        assertThat(e).hasMessageContaining("error number 1117 (error 1117)");
                    });
            assertThat(failing.stillOpen()).as("after failure of call " + call).isEmpty();
        }
    }

    private static void allOperations(FakeWindows windows) throws IOException {
        try (RawDisk disk = new WindowsDiskOpener(windows).openDrive(1, OpenMode.WRITE, MOUNTED_TOO)) {
            disk.read(ByteBuffer.allocate(1000), 100);
            disk.write(ByteBuffer.allocate(2000), 100);
            disk.zero(0, 4096);
            disk.discard(0, 4096);
            disk.willRead(0, 4096);
            disk.dropCache(0, 4096);
            disk.flush();
            disk.announce(List.of(new SystemPartition(1, Path.of("unused"), 4096, 8192)), Duration.ofSeconds(1));
        }
    }

    @Test
    void aDriveThatWasPulledOutIsNoDriveWithBadSectors() throws IOException {
        try (RawDisk disk = open(OpenMode.READ, DiskOpenOptions.defaults())) {
            windows.failing = windows.calls.size() + 1;
            windows.error = WindowsConstants.ERROR_DEVICE_NOT_CONNECTED;
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(512), 0))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("gone");
        }
    }

    @Test
    void aVolumeIsReadToItsEnd() throws IOException {
        windows.drives[1][64 * 1024 - 1] = 5;
        try (RawDisk volume =
                new WindowsDiskOpener(windows).openVolume("\\\\?\\Volume{d}", DiskOpenOptions.defaults())) {
            ByteBuffer last = ByteBuffer.allocate(1);
            volume.read(last, volume.size() - 1);
            assertThat(last.get(0)).isEqualTo((byte) 5);
            assertThat(volume.isWritable()).isFalse();
        }
        assertThat(windows.calls)
                .contains("DeviceIoControl " + Integer.toHexString(WindowsConstants.FSCTL_ALLOW_EXTENDED_DASD_IO));
    }

    @Test
    void namesOfDrivesAreUnderstoodAsJavaWritesThem() {
        assertThat(WindowsMachine.driveNumber(Path.of("\\\\.\\PhysicalDrive12")))
                .hasValue(12);
        assertThat(WindowsMachine.driveNumber(Path.of("\\\\.\\PHYSICALDRIVE3\\")))
                .hasValue(3);
        assertThat(WindowsMachine.driveNumber(Path.of("\\\\.\\PhysicalDrive"))).isEmpty();
        assertThat(WindowsMachine.driveNumber(Path.of("\\\\.\\PhysicalDrive1x")))
                .isEmpty();
        assertThat(WindowsMachine.driveNumber(Path.of("C:\\PhysicalDrive1"))).isEmpty();
    }

    private RawDisk open(OpenMode mode, DiskOpenOptions options) throws IOException {
        return new WindowsDiskOpener(windows).openDrive(1, mode, options);
    }
}
