package io.platter.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.AlignedBuffers;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DeviceException;
import io.platter.block.DiskInUseException;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.ExtentKind;
import io.platter.block.OpenMode;
import io.platter.block.UnreadableRange;
import io.platter.block.rescue.SectorReader;
import io.platter.device.DiskCapabilities;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.RawDisks;
import io.platter.device.SystemPartition;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import io.platter.testkit.BlockDeviceContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class LoopDiskTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    /** The contract of all devices, on devices of the kernel. */
    abstract class Contract implements BlockDeviceContract {
        private @Nullable LoopDevice loop;

        abstract int sectorSize();

        abstract DiskOpenOptions options();

        @BeforeEach
        void needsLoopDevices() {
            Oracle.requireRoot();
        }

        @AfterEach
        void detach() {
            if (loop != null) {
                loop.close();
            }
        }

        @Override
        public BlockDevice deviceOf(byte[] content) throws IOException {
            Path file = Files.write(directory.resolve("disk"), content);
            loop = LoopDevice.attach(file, "--sector-size", sectorSize());
            return RawDisks.open(loop.path(), OpenMode.WRITE, options());
        }

        @Override
        public int contractSize() {
            return 5 * 65536 + 4096;
        }
    }

    @Nested
    class With512ByteSectors extends Contract {
        @Override
        int sectorSize() {
            return 512;
        }

        @Override
        DiskOpenOptions options() {
            return DiskOpenOptions.defaults();
        }
    }

    @Nested
    class With4096ByteSectors extends Contract {
        @Override
        int sectorSize() {
            return 4096;
        }

        @Override
        DiskOpenOptions options() {
            return DiskOpenOptions.defaults();
        }
    }

    @Nested
    class ThroughThePageCache extends Contract {
        @Override
        int sectorSize() {
            return 512;
        }

        @Override
        DiskOpenOptions options() {
            return DiskOpenOptions.builder().directIo(false).build();
        }
    }

    @Test
    void aDiskIsDescribed() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(file(16 * MIB), "--sector-size", 4096)) {
            DiskDescription disk = RawDisks.describe(loop.path());

            assertThat(disk.path()).isEqualTo(loop.path());
            assertThat(disk.size()).isEqualTo(16 * MIB);
            assertThat(disk.logicalSectorSize()).isEqualTo(4096);
            assertThat(disk.bus()).isEqualTo("virtual");
            assertThat(disk.readOnly()).isFalse();
            assertThat(disk.uses()).isEmpty();
            assertThat(RawDisks.list()).contains(disk);
            try (RawDisk open = RawDisks.open(loop.path(), OpenMode.READ)) {
                assertThat(open.description()).isEqualTo(disk);
                assertThat(open.capabilities()).isEqualTo(new DiskCapabilities(true, true, true));
            }
        }
    }

    @Test
    void aDiskEndsWithItsLastWholeSector() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(full(MIB + 1024), "--sector-size", 4096);
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
            assertThat(disk.size()).isEqualTo(MIB);
            assertThat(bytes(disk, MIB - 1, 1)).hasSize(1);
        }
    }

    @Test
    void theDiskOfTheSystemAndOfTheImageIsRefused() throws IOException {
        Oracle.requireRoot();
        Path image = directory.resolve("not-there-yet/image");
        List<DiskDescription> system = RawDisks.list(image).stream()
                .filter(disk -> disk.hasUse(Kind.SYSTEM))
                .toList();

        assertThat(system).isNotEmpty().allMatch(disk -> disk.hasUse(Kind.MOUNTED));
        assertThatThrownBy(() -> RawDisks.open(system.get(0).path(), OpenMode.WRITE))
                .isInstanceOfSatisfying(
                        DiskInUseException.class,
                        e -> assertThat(e.uses()).extracting(DiskUse::kind).contains(Kind.SYSTEM, Kind.MOUNTED));
    }

    @Test
    void aMountedDiskIsRefusedByNameAndReason() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(file(16 * MIB));
                Mount mount = Mount.ext4(loop, directory.resolve("mnt"))) {
            assertThatThrownBy(() -> RawDisks.open(loop.path(), OpenMode.WRITE))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessage(loop.path() + " is in use: MOUNTED (" + loop.path() + " on " + mount.point() + ")");
            assertThatThrownBy(() -> RawDisks.open(loop.path(), OpenMode.READ_EXCLUSIVE))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContainingAll("MOUNTED", "BUSY");
            assertThatThrownBy(() -> BlockDevices.open(loop.path(), OpenMode.WRITE))
                    .isInstanceOf(DiskInUseException.class);
            RawDisks.open(loop.path(), OpenMode.READ).close();
        }
    }

    @Test
    void aMountedDiskIsWrittenWhenTheCallSaysSo() throws IOException {
        DiskOpenOptions options =
                DiskOpenOptions.builder().writeEvenIf(Kind.MOUNTED).build();
        try (LoopDevice loop = LoopDevice.attach(file(16 * MIB))) {
            try (Mount mount = Mount.ext4(loop, directory.resolve("mnt"));
                    RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE, options)) {
                assertThat(mount.point()).isDirectory();
                assertThat(disk.description().hasUse(Kind.MOUNTED)).isTrue();
                disk.write(ByteBuffer.wrap("boot".getBytes(StandardCharsets.US_ASCII)), 0);
            }
            try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
                ByteBuffer start = ByteBuffer.allocate(4);
                disk.read(start, 0);
                assertThat(start.array()).asString().isEqualTo("boot");
            }
        }
    }

    @Test
    void oneWhoWritesHoldsTheDiskExclusively() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(file(MIB));
                RawDisk first = RawDisks.open(loop.path(), OpenMode.WRITE)) {
            assertThatThrownBy(() -> RawDisks.open(loop.path(), OpenMode.WRITE))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContaining("BUSY");
            assertThatThrownBy(() -> RawDisks.open(loop.path(), OpenMode.READ_EXCLUSIVE))
                    .isInstanceOf(DiskInUseException.class);
            RawDisks.open(loop.path(), OpenMode.READ).close();
            DiskOpenOptions options =
                    DiskOpenOptions.builder().writeEvenIf(Kind.BUSY).build();
            RawDisks.open(loop.path(), OpenMode.WRITE, options).close();
            assertThat(first.isWritable()).isTrue();
        }
    }

    @Test
    void aDiskBehindALoopDeviceIsHeld() throws IOException {
        try (LoopDevice inner = LoopDevice.attach(file(16 * MIB));
                LoopDevice outer = LoopDevice.attach(inner.path())) {
            assertThat(RawDisks.describe(inner.path()).uses())
                    .containsExactly(new DiskUse(Kind.HELD, "by " + outer.path()));
            try (Mount mount = Mount.ext4(outer, directory.resolve("mnt"))) {
                assertThat(RawDisks.describe(inner.path(), mount.point()).uses())
                        .extracting(DiskUse::kind)
                        .containsExactlyInAnyOrder(Kind.HELD, Kind.MOUNTED, Kind.HOLDS_FILE);
            }
        }
    }

    @Test
    void aReadOnlyDiskIsRefusedWhateverIsOverridden() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(file(MIB), "--read-only")) {
            assertThat(RawDisks.describe(loop.path()).readOnly()).isTrue();
            DiskOpenOptions options =
                    DiskOpenOptions.builder().writeEvenIf(Kind.BUSY).build();
            assertThatThrownBy(() -> RawDisks.open(loop.path(), OpenMode.WRITE, options))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContaining("READ_ONLY");
            assertThatThrownBy(() -> DiskOpenOptions.builder().writeEvenIf(Kind.READ_ONLY))
                    .isInstanceOf(IllegalArgumentException.class);
            try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ_EXCLUSIVE)) {
                assertThatThrownBy(() -> disk.write(ByteBuffer.allocate(512), 0))
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> disk.zero(0, 512)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> disk.discard(0, 512)).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void pathsThatAreNoDisksAreRefused() throws IOException {
        assertThatThrownBy(() -> RawDisks.describe(file(512)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("not a block device");
        assertThatThrownBy(() -> RawDisks.open(directory.resolve("none"), OpenMode.READ))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aClosedDiskSaysSo() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(file(MIB))) {
            RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ);
            disk.close();
            disk.close();
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(1), 0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void discardGivesTheRoomOfTheBackingFileBack() throws IOException {
        Path file = full(8 * MIB);
        try (LoopDevice loop = LoopDevice.attach(file);
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
            long before = room(file);
            assertThat(disk.discard(MIB + 100, 4 * MIB)).isTrue();
            assertThat(room(file)).isLessThanOrEqualTo(before - 4 * 1024 + 8);
            assertThat(disk.discard(100, 300)).isFalse();
        }
    }

    @Test
    void zeroGivesTheRoomOfTheBackingFileBack() throws IOException {
        Path file = full(8 * MIB);
        try (LoopDevice loop = LoopDevice.attach(file);
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
            long before = room(file);
            disk.zero(0, 8 * MIB);
            assertThat(room(file)).isLessThanOrEqualTo(before - 8 * 1024);
        }
    }

    @Test
    void hintsTouchNothing() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(full(MIB));
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
            disk.willRead(0, MIB);
            disk.dropCache(100, 1000);
            assertThatThrownBy(() -> disk.willRead(1, MIB)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void sectorsThatTheBackingFileLacksAreNamedExactly() throws IOException {
        Path file = full(4 * MIB);
        try (LoopDevice loop = LoopDevice.attach(file)) {
            int good = 3 * MIB - 5 * 4096;
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(good);
            }
            try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
                ByteBuffer target = AlignedBuffers.allocate(4 * MIB);
                assertThatThrownBy(() -> disk.read(target.duplicate(), 0))
                        .isInstanceOfSatisfying(DeviceException.class, e -> {
                            assertThat(e.osError()).isEqualTo(5);
                            assertThat(e.diskOffset()).isBetween(0L, 4L * MIB);
                        });
                List<UnreadableRange> bad = new SectorReader(disk, 1).read(target, 0);
                assertThat(bad).containsExactly(new UnreadableRange(good, 4 * MIB - good, 5));
                byte[] read = new byte[good];
                target.position(0).get(read);
                assertThat(read).isEqualTo(Files.readAllBytes(file));
            }
        }
    }

    @Test
    void readingLeavesADisksStateAndWritingDoesNot() throws IOException {
        try (LoopDevice loop = LoopDevice.attach(full(4 * MIB))) {
            // Left in the page cache: a direct read makes the kernel write it.
            try (FileChannel cached = FileChannel.open(loop.path(), StandardOpenOption.WRITE)) {
                cached.write(ByteBuffer.allocate(MIB), MIB);
            }
            try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
                String first = disk.state().orElseThrow();
                assertThat(first)
                        .contains("boot "
                                + Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                                        .strip());
                bytes(disk, 0, 4 * MIB);
                assertThat(disk.state()).contains(first);
                assertThat(disk.slice(MIB, MIB).state()).contains(first);

                Oracle.of("dd").run("if=/dev/zero", "of=" + loop.path(), "bs=4096", "count=1", "oflag=direct");
                assertThat(disk.state()).isPresent().isNotEqualTo(java.util.Optional.of(first));
            }
        }
    }

    @Test
    void theDiskThatIsThereInsteadHasAnotherState() throws IOException {
        Path file = full(4 * MIB);
        String first;
        try (LoopDevice loop = LoopDevice.attach(file);
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
            first = disk.state().orElseThrow();
            assertThat(disk.state()).contains(first);
        }
        try (LoopDevice loop = LoopDevice.attach(file);
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.READ)) {
            assertThat(disk.state()).isPresent().isNotEqualTo(java.util.Optional.of(first));
        }
    }

    @Test
    void aFileOnADiskWithBadGroundIsMappedAndReadUpToTheBadGround() throws IOException {
        int size = 8 * MIB;
        Path backing = file(16 * MIB);
        byte[] content = new byte[size];
        new Random(12).nextBytes(content);
        java.util.Arrays.fill(content, 2 * MIB, 3 * MIB, (byte) 0);
        Path point = directory.resolve("mnt");
        long lost;
        try (LoopDevice loop = LoopDevice.attach(backing)) {
            Oracle.of("mkfs.ext4").run("-q", "-b", "4096", "-O", "^has_journal", loop.path());
            Oracle.of("mount").run(loop.path(), Files.createDirectories(point));
            try {
                Files.write(point.resolve("disk"), content);
            } finally {
                Oracle.of("umount").run(point);
            }
            // The file's block 1200, which is at 4.7 MiB, and all after it are no longer on the medium.
            String block = Oracle.of("debugfs")
                    .run("-R", "bmap /disk 1200", loop.path())
                    .strip()
                    .replaceFirst("(?s).*\n", "");
            lost = 1200 * 4096L;
            try (FileChannel channel = FileChannel.open(backing, StandardOpenOption.WRITE)) {
                channel.truncate(Long.parseLong(block) * 4096);
            }
            Oracle.of("mount").run("-o", "ro", loop.path(), point);
            try (BlockDevice file = BlockDevices.open(point.resolve("disk"), OpenMode.READ)) {
                for (long at = 0; at < size; at = file.extentAt(at).end()) {
                    assertThat(file.extentAt(at).kind()).isIn(ExtentKind.DATA, ExtentKind.ZERO);
                }
                assertThat(file.extentAt(lost + MIB).kind()).isEqualTo(ExtentKind.DATA);
                ByteBuffer target = ByteBuffer.allocate(size);
                SectorReader reader = new SectorReader(file, 1);
                assertThat(reader.read(target, 0)).containsExactly(new UnreadableRange(lost, size - lost, 0));
                assertThatThrownBy(() -> file.read(ByteBuffer.allocate(2), size - 1))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(target.flip().limit((int) lost)).isEqualTo(ByteBuffer.wrap(content, 0, (int) lost));
                assertThat(file.state().orElseThrow()).startsWith("size " + size + ", modified ");
            } finally {
                Oracle.of("umount").run(point);
            }
        }
    }

    @Test
    void aFullFilesystemUnderTheDiskFailsTheWrite() throws IOException {
        try (LoopDevice small = LoopDevice.attach(file(8 * MIB));
                Mount mount = Mount.ext4(small, directory.resolve("mnt"))) {
            Path sparse = mount.point().resolve("sparse");
            Oracle.of("truncate").run("--size", "32M", sparse);
            try (LoopDevice loop = LoopDevice.attach(sparse);
                    RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                assertThatThrownBy(() -> {
                            for (long offset = 0; offset < disk.size(); offset += MIB) {
                                disk.write(ByteBuffer.allocate(MIB).put(0, (byte) 1), offset);
                            }
                            disk.flush();
                        })
                        .isInstanceOfSatisfying(DeviceException.class, e -> assertThat(e.osError())
                                .isIn(5, 28));
            }
        }
    }

    @Nested
    class Partitions {
        private final List<SystemPartition> first =
                List.of(partition(1, MIB, 2 * MIB), partition(2, 3 * MIB, 4 * MIB), partition(5, 8 * MIB, 512));

        @Test
        void announcedPartitionsCanBeOpenedAtOnce() throws IOException {
            try (LoopDevice loop = LoopDevice.attach(full(16 * MIB));
                    RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                try {
                    List<SystemPartition> seen = disk.announce(first, Duration.ofSeconds(10));
                    assertThat(seen).extracting(SystemPartition::number).containsExactly(1, 2, 5);
                    assertThat(RawDisks.describe(loop.path()).partitions()).isEqualTo(seen);
                    try (RawDisk partition = RawDisks.open(seen.get(1).path(), OpenMode.READ)) {
                        assertThat(partition.size()).isEqualTo(4 * MIB);
                        assertThat(bytes(partition, 0, 5000)).isEqualTo(bytes(disk, 3 * MIB, 5000));
                    }
                } finally {
                    disk.announce(List.of(), Duration.ofSeconds(10));
                }
            }
        }

        @Test
        void partitionsAreMovedResizedAndTakenAway() throws IOException {
            List<SystemPartition> second = List.of(partition(1, MIB, MIB), partition(2, 4 * MIB, 4 * MIB));
            try (LoopDevice loop = LoopDevice.attach(file(16 * MIB));
                    RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                try {
                    disk.announce(first, Duration.ofSeconds(10));
                    List<SystemPartition> seen = disk.announce(second, Duration.ofSeconds(10));
                    assertThat(seen)
                            .containsExactly(
                                    new SystemPartition(1, seen.get(0).path(), MIB, MIB),
                                    new SystemPartition(2, seen.get(1).path(), 4 * MIB, 4 * MIB));
                } finally {
                    assertThat(disk.announce(List.of(), Duration.ofSeconds(10))).isEmpty();
                }
            }
        }

        @Test
        void aDiskWithAMountedPartitionIsRefused() throws IOException {
            try (LoopDevice loop = LoopDevice.attach(file(32 * MIB))) {
                SystemPartition seen;
                try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                    seen = disk.announce(List.of(partition(1, MIB, 16 * MIB)), Duration.ofSeconds(10))
                            .get(0);
                }
                try (Mount mount = Mount.ext4(seen.path(), directory.resolve("mnt"))) {
                    assertThatThrownBy(() -> RawDisks.open(loop.path(), OpenMode.WRITE))
                            .hasMessageContaining("MOUNTED (" + seen.path() + " on " + mount.point());
                    assertThatThrownBy(() -> RawDisks.open(seen.path(), OpenMode.WRITE))
                            .isInstanceOf(DiskInUseException.class);
                } finally {
                    try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                        disk.announce(List.of(), Duration.ofSeconds(10));
                    }
                }
            }
        }

        @Test
        void partitionsOutsideTheDiskAreRefused() throws IOException {
            try (LoopDevice loop = LoopDevice.attach(file(MIB));
                    RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                assertThatThrownBy(() -> disk.announce(List.of(partition(1, 512, MIB)), Duration.ofSeconds(1)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> disk.announce(
                                List.of(partition(1, 512, 2048), partition(2, 1024, 2048)), Duration.ofSeconds(1)))
                        .isInstanceOf(DeviceException.class);
                disk.announce(List.of(), Duration.ofSeconds(10));
            }
        }

        private static SystemPartition partition(int number, long diskOffset, long size) {
            return new SystemPartition(number, Path.of("unused"), diskOffset, size);
        }
    }

    private static byte[] bytes(BlockDevice device, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        device.read(buffer, offset);
        return buffer.array();
    }

    /** Creates a file of holes. */
    private Path file(int size) {
        Oracle.requireRoot();
        Path file = directory.resolve("backing");
        Oracle.of("truncate").run("--size", size, file);
        return file;
    }

    /** Creates a file of random bytes. */
    private Path full(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(11).nextBytes(bytes);
        Path file = Files.write(file(size), bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return file;
    }

    /** Returns the room that a file takes, in KiB. */
    private static long room(Path file) {
        return Long.parseLong(Oracle.of("du").run("-k", file).split("\t", 2)[0]);
    }
}
