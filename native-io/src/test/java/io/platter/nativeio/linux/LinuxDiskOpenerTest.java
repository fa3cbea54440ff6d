package io.platter.nativeio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.DeviceException;
import io.platter.block.DiskInUseException;
import io.platter.block.DiskUse.Kind;
import io.platter.block.OpenMode;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.SystemPartition;
import io.platter.nativeio.posix.PosixConstants;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way from the library to the kernel, with a kernel that fails at will. */
class LinuxDiskOpenerTest {
    private static final int SIZE = 64 * 1024;

    @TempDir
    Path root;

    private FakeTree machine;
    private FakeKernel kernel;

    @BeforeEach
    void aMachineWithADisk() throws IOException {
        machine = new FakeTree(root);
        machine.disk("sda", "8:0", SIZE / 512);
        machine.put("sys/block/sda/diskseq", "7\n");
        kernel = new FakeKernel(SIZE);
        Arrays.fill(kernel.disk, (byte) 3);
    }

    @Test
    void interruptedCallsAreMadeAgain() throws IOException {
        int calls = allOperations();
        for (int call = 1; call <= calls; call++) {
            kernel = new FakeKernel(SIZE);
            kernel.failing = call;
            kernel.errno = PosixConstants.EINTR;
            try {
                allOperations();
            } catch (DeviceException e) {
                // The one call that must not be repeated, because the number may be somebody else's by then.
                assertThat(e.operation()).isEqualTo("close");
            }
            assertThat(kernel.open).as("after failure of call " + call).isEmpty();
        }
    }

    @Test
    void everyCallThatFailsIsReportedAndLeavesNothingOpen() throws IOException {
        int calls = allOperations();
        for (int call = 1; call <= calls; call++) {
            kernel = new FakeKernel(SIZE);
            kernel.failing = call;
            try {
                allOperations();
                assertThat(kernel.calls.get(call - 1)).isEqualTo("posix_fadvise");
            } catch (DeviceException e) {
                assertThat(e.osError()).isEqualTo(5);
                assertThat(e).hasMessageContaining("error number 5");
            }
            assertThat(kernel.open).as("after failure of call " + call).isEmpty();
        }
    }

    private int allOperations() throws IOException {
        try (RawDisk disk = open(OpenMode.WRITE, DiskOpenOptions.defaults())) {
            disk.read(ByteBuffer.allocate(1000), 100);
            disk.write(ByteBuffer.allocate(2000), 100);
            disk.zero(0, 4096);
            disk.discard(0, 4096);
            disk.willRead(0, 4096);
            disk.flush();
            disk.announce(List.of(), Duration.ofSeconds(1));
        }
        return kernel.calls.size();
    }

    @Test
    void shortTransfersAreContinued() throws IOException {
        kernel.bytesPerTransfer = 512;
        try (RawDisk disk = open(OpenMode.WRITE, DiskOpenOptions.defaults())) {
            ByteBuffer bytes = ByteBuffer.allocate(5000);
            Arrays.fill(bytes.array(), (byte) 9);
            disk.write(bytes, 300);
            byte[] expected = new byte[SIZE];
            Arrays.fill(expected, (byte) 3);
            Arrays.fill(expected, 300, 5300, (byte) 9);
            assertThat(kernel.disk).isEqualTo(expected);
            ByteBuffer all = ByteBuffer.allocate(SIZE);
            disk.read(all, 0);
            assertThat(all.array()).isEqualTo(expected);
        }
    }

    @Test
    void aDeviceWithoutOrdersIsZeroedByWriting() throws IOException {
        kernel.refused.put("fallocate", LinuxConstants.EOPNOTSUPP);
        try (RawDisk disk = open(OpenMode.WRITE, DiskOpenOptions.defaults())) {
            disk.zero(8192, 4096);
            assertThat(Arrays.copyOfRange(kernel.disk, 8192, 12288)).containsOnly(0);
            kernel.refused.put("ioctl", LinuxConstants.EOPNOTSUPP);
            disk.zero(100, 5000);
            assertThat(disk.discard(0, 4096)).isFalse();
        }
        assertThat(Arrays.copyOfRange(kernel.disk, 100, 5100)).containsOnly(0);
        assertThat(kernel.disk[99]).isEqualTo((byte) 3);
        assertThat(kernel.disk[5100]).isEqualTo((byte) 3);
    }

    @Test
    void aDiskThatTookThePlaceOfAnotherIsNotOpened() {
        kernel.sequence = 8;
        assertThatThrownBy(() -> open(OpenMode.WRITE, DiskOpenOptions.defaults()))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("another disk");
        kernel = new FakeKernel(SIZE * 2);
        assertThatThrownBy(() -> open(OpenMode.READ, DiskOpenOptions.defaults()))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("another disk");
        assertThat(kernel.open).isEmpty();
    }

    @Test
    void aDiskThatWasPulledOutIsNoDiskWithBadSectors() throws IOException {
        try (RawDisk disk = open(OpenMode.READ, DiskOpenOptions.defaults())) {
            kernel.refused.put("pread", 5);
            kernel.refused.put("ioctl", PosixConstants.ENXIO);
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(512), 0))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("gone")
                    .hasCauseInstanceOf(DeviceException.class);
        }
    }

    @Test
    void aDiskThatAnotherHoldsIsOpenedOnlyIfTheCallSaysSo() throws IOException {
        kernel.refused.put("open exclusively", LinuxConstants.EBUSY);
        assertThatThrownBy(() -> open(OpenMode.WRITE, DiskOpenOptions.defaults()))
                .isInstanceOf(DiskInUseException.class);
        DiskOpenOptions system =
                DiskOpenOptions.builder().writeEvenIf(Kind.SYSTEM).build();
        assertThatThrownBy(() -> open(OpenMode.WRITE, system)).isInstanceOf(DiskInUseException.class);
        DiskOpenOptions busy = DiskOpenOptions.builder().writeEvenIf(Kind.BUSY).build();
        assertThatThrownBy(() -> open(OpenMode.READ_EXCLUSIVE, busy)).isInstanceOf(DiskInUseException.class);
        open(OpenMode.WRITE, busy).close();
        open(OpenMode.READ, DiskOpenOptions.defaults()).close();
        assertThat(kernel.open).isEmpty();
    }

    @Test
    void partitionsThatDoNotAppearAreReportedInTime() throws IOException {
        try (RawDisk disk = open(OpenMode.WRITE, DiskOpenOptions.defaults())) {
            SystemPartition partition = new SystemPartition(1, Path.of("unused"), 1024, 1024);
            assertThatThrownBy(() -> disk.announce(List.of(partition), Duration.ofMillis(50)))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("the system sees []");
            machine.partition("sda", "sda1", 1, "8:1", 2, 2);
            assertThat(disk.announce(List.of(partition), Duration.ofMillis(50))).hasSize(1);
            machine.put("run/udev/queue", "");
            assertThatThrownBy(() -> disk.announce(List.of(partition), Duration.ofMillis(50)))
                    .isInstanceOf(DeviceException.class);
        }
    }

    private RawDisk open(OpenMode mode, DiskOpenOptions options) throws IOException {
        return new LinuxDiskOpener(machine.tree(), kernel).open(machine.node("sda"), mode, options);
    }
}
