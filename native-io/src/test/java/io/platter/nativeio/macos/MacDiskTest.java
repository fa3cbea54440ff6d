package io.platter.nativeio.macos;

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
import io.platter.nativeio.macos.MacDisks.Mount;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixConstants;
import io.platter.testkit.BlockDeviceContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of macOS, over a fake: no test has run on a real one. */
class MacDiskTest {
    private static final class FakeMounts implements MacDisks.Mounts {
        private final List<Mount> all = new ArrayList<>();
        private String holding = "/dev/disk9s1";

        @Override
        public List<Mount> all() {
            return all;
        }

        @Override
        public String holding(Path file) {
            return holding;
        }
    }

    @TempDir
    Path dev;

    private final FakeMac mac = new FakeMac();
    private final FakeMounts mounts = new FakeMounts();

    @BeforeEach
    void makeNodes() throws IOException {
        for (String name : List.of("disk2", "rdisk2", "disk2s1", "rdisk2s1")) {
            Files.createFile(dev.resolve(name));
        }
    }

    @Nested
    class Contract implements BlockDeviceContract {
        @Override
        public BlockDevice deviceOf(byte[] content) throws IOException {
            mac.disk = content;
            return open(OpenMode.WRITE, DiskOpenOptions.defaults());
        }
    }

    @Test
    void aPartitionStandsInsideItsDiskAndAFileOnAllThatItsVolumeIsPartOf() throws IOException {
        assertThat(MacDisks.backing(Path.of("/dev/rdisk2s1")))
                .containsExactly(
                        Backing.of(FileIdentity.ofDisk("disk2s1")),
                        Backing.of(FileIdentity.ofDisk("disk2"), Relation.INSIDE));
        assertThat(MacDisks.backing(Path.of("/dev/disk2"))).containsExactly(Backing.of(FileIdentity.ofDisk("disk2")));
        Path file = Path.of(System.getProperty("java.home"));
        MacDisks.Mounts mounts = new MacDisks.Mounts() {
            @Override
            public List<MacDisks.Mount> all() {
                return List.of();
            }

            @Override
            public String holding(Path path) {
                return "/dev/disk3s1s1";
            }
        };
        assertThat(MacDisks.backingOfFile(file, mounts))
                .containsExactly(
                        Backing.of(FileIdentity.of(file)),
                        Backing.of(FileIdentity.ofDisk("disk3s1s1"), Relation.STORED_ON),
                        Backing.of(FileIdentity.ofDisk("disk3s1"), Relation.STORED_ON),
                        Backing.of(FileIdentity.ofDisk("disk3"), Relation.STORED_ON));
    }

    @Test
    void disksAreDescribed() throws IOException {
        mounts.all.add(new Mount("/dev/disk2s1", "/Volumes/x (/dev/disk2s1)"));
        mounts.all.add(new Mount("/dev/disk22s1", "/Volumes/y (/dev/disk22s1)"));
        mounts.holding = "/dev/disk2s1";
        assertThat(new MacDisks(mac, dev, mounts).list(List.of(Path.of("/none/image"))))
                .containsExactly(new DiskDescription(
                        dev.resolve("rdisk2"),
                        "",
                        "",
                        "",
                        "",
                        64 * 1024,
                        512,
                        4096,
                        false,
                        false,
                        false,
                        List.of(new SystemPartition(1, dev.resolve("rdisk2s1"), 4096, 64 * 1024)),
                        List.of(
                                new DiskUse(Kind.MOUNTED, "/Volumes/x (/dev/disk2s1)"),
                                new DiskUse(Kind.SYSTEM, "/"),
                                new DiskUse(Kind.HOLDS_FILE, "/none/image"))));
        mac.refused.put("ioctl " + Long.toHexString(MacConstants.DKIOCGETBASE), MacConstants.ENOTTY);
        assertThat(new MacDisks(mac, dev, mounts)
                        .describe(dev.resolve("disk2"), List.of())
                        .partitions())
                .isEmpty();
        assertThat(mac.open).isEmpty();
    }

    @Test
    void aDiskInUseIsRefused() throws IOException {
        mounts.all.add(new Mount("/dev/disk2s1", "/Volumes/x (/dev/disk2s1)"));
        assertThatThrownBy(() -> open(OpenMode.WRITE, DiskOpenOptions.defaults()))
                .isInstanceOf(DiskInUseException.class)
                .hasMessageContaining("MOUNTED (/Volumes/x");
        mounts.all.clear();
        mac.refused.put("open exclusively", MacConstants.EBUSY);
        assertThatThrownBy(() -> open(OpenMode.WRITE, DiskOpenOptions.defaults()))
                .isInstanceOf(DiskInUseException.class)
                .hasMessageContaining("BUSY");
        DiskOpenOptions options =
                DiskOpenOptions.builder().writeEvenIf(Kind.BUSY).build();
        assertThatThrownBy(() -> open(OpenMode.READ_EXCLUSIVE, options)).isInstanceOf(DiskInUseException.class);
        open(OpenMode.WRITE, options).close();
        assertThat(mac.open).isEmpty();
    }

    @Test
    void everyCallThatFailsIsReportedAndLeavesNothingOpen() throws IOException {
        allOperations(mac);
        int calls = mac.calls.size();
        for (int call = 1; call <= calls; call++) {
            FakeMac failing = new FakeMac();
            failing.failing = call;
            assertThatThrownBy(() -> allOperations(failing))
                    .as("call " + call)
                    .isInstanceOfSatisfying(
                            DeviceException.class, e -> assertThat(e.osError()).isEqualTo(5));
            assertThat(failing.open).as("after failure of call " + call).isEmpty();
        }
    }

    private void allOperations(FakeMac system) throws IOException {
        MacDiskOpener opener = new MacDiskOpener(system, dev, mounts);
        try (RawDisk disk = opener.open(dev.resolve("disk2"), OpenMode.WRITE, DiskOpenOptions.defaults())) {
            assertThat(disk.capabilities()).isEqualTo(new DiskCapabilities(true, true, false));
            disk.read(ByteBuffer.allocate(1000), 100);
            disk.write(ByteBuffer.allocate(2000), 100);
            disk.zero(0, 4096);
            disk.discard(0, 4096);
            disk.willRead(0, 4096);
            disk.dropCache(0, 4096);
            disk.flush();
        }
    }

    @Test
    void whatMacOsDoesNotDoIsSaid() throws IOException {
        try (RawDisk disk = open(OpenMode.WRITE, DiskOpenOptions.defaults())) {
            assertThatThrownBy(() -> disk.announce(List.of(), Duration.ofSeconds(1)))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("when the disk is closed");
            mac.refused.put("ioctl " + Long.toHexString(MacConstants.DKIOCUNMAP), MacConstants.ENOTSUP);
            assertThat(disk.discard(0, 4096)).isFalse();
            mac.refused.put("pread", PosixConstants.ENXIO);
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(512), 0))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("gone");
        }
    }

    @Test
    void rangesThatCannotBePunchedAreLeftForWriting() throws IOException {
        try (Descriptor file = Descriptor.open(mac, dev.resolve("disk2"), MacConstants.O_RDWR)) {
            assertThat(MacFileSpace.punch(mac, file, 0, 4096)).isTrue();
            mac.refused.put("fcntl", PosixConstants.EINVAL);
            assertThat(MacFileSpace.punch(mac, file, 1, 2)).isFalse();
            mac.refused.put("fcntl", 5);
            assertThatThrownBy(() -> MacFileSpace.punch(mac, file, 0, 4096)).isInstanceOf(DeviceException.class);
        }
    }

    @Test
    void numbersOfIoctlsAreMadeAsTheHeaderMakesThem() {
        assertThat(MacConstants.DKIOCSYNCHRONIZE).isEqualTo(ioctl(0x80000000L, 22, MacConstants.DK_SYNCHRONIZE_SIZE));
        assertThat(MacConstants.DKIOCGETBLOCKSIZE).isEqualTo(ioctl(0x40000000L, 24, 4));
        assertThat(MacConstants.DKIOCGETBLOCKCOUNT).isEqualTo(ioctl(0x40000000L, 25, 8));
        assertThat(MacConstants.DKIOCISWRITABLE).isEqualTo(ioctl(0x40000000L, 29, 4));
        assertThat(MacConstants.DKIOCUNMAP).isEqualTo(ioctl(0x80000000L, 31, MacConstants.UNMAP_SIZE));
        assertThat(MacConstants.DKIOCGETBASE).isEqualTo(ioctl(0x40000000L, 73, 8));
        assertThat(MacConstants.DKIOCGETFEATURES).isEqualTo(ioctl(0x40000000L, 76, 4));
        assertThat(MacConstants.DKIOCGETPHYSICALBLOCKSIZE).isEqualTo(ioctl(0x40000000L, 77, 4));
    }

    /** Source: sys/ioccom.h of XNU, _IOC. */
    private static long ioctl(long direction, int number, int size) {
        return direction | (long) size << 16 | 'd' << 8 | number;
    }

    @Test
    void pathsOfDisksAreKnown() {
        assertThat(MacDisks.isDisk(Path.of("/dev/disk2"))).isTrue();
        assertThat(MacDisks.isDisk(Path.of("/dev/rdisk2s1"))).isTrue();
        assertThat(MacDisks.isDisk(Path.of("/dev/null"))).isFalse();
        assertThat(MacDisks.isDisk(Path.of("/tmp/disk2"))).isFalse();
    }

    private RawDisk open(OpenMode mode, DiskOpenOptions options) throws IOException {
        return new MacDiskOpener(mac, dev, mounts).open(dev.resolve("disk2"), mode, options);
    }
}
