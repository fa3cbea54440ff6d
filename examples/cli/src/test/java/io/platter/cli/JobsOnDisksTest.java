package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.platter.Capture;
import io.platter.Convert;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.StreamRestore;
import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DiskInUseException;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileDevice;
import io.platter.block.FileIdentity;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.RawDisks;
import io.platter.device.SystemPartition;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureReport;
import io.platter.job.TargetRefusedException;
import io.platter.job.TargetRules;
import io.platter.partition.Finding;
import io.platter.partition.PartitionTables;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Jobs whose source, target or image are one thing of the machine under several names. */
@Tag("root")
class JobsOnDisksTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @BeforeEach
    void needsLoopDevices() {
        Oracle.requireRoot();
    }

    /** A mounted filesystem; closing it unmounts it. */
    private record Mount(Path point) implements AutoCloseable {
        static Mount ext4(LoopDevice loop, Path point) throws IOException {
            Oracle.of("mkfs.ext4").run("-q", "-F", loop.path());
            Oracle.of("mount").run("-t", "ext4", loop.path(), Files.createDirectories(point));
            return new Mount(point);
        }

        @Override
        public void close() {
            Oracle.of("umount").run(point);
        }
    }

    private Path noise(String name, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(5).nextBytes(content);
        return Files.write(directory.resolve(name), content);
    }

    private static Path capture(Path disk, Path image) throws IOException {
        try (BlockDevice source = BlockDevices.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(source), ImageOptions.defaults())) {
            Capture.of(source).to(writer);
        }
        return image;
    }

    private static void assertNotConverted(Path source, Path target) throws IOException {
        try (BlockDevice from = BlockDevices.open(source, OpenMode.READ);
                BlockDevice to = BlockDevices.open(target, OpenMode.WRITE)) {
            assertThatThrownBy(() -> Convert.of(from).to(to))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContainingAll(source.toString(), target.toString());
        }
    }

    @Test
    void anImageIsNotRestoredToALoopDeviceOverItsFile() throws IOException {
        Path image = capture(noise("disk", MIB), directory.resolve("image"));
        byte[] before = Files.readAllBytes(image);
        try (LoopDevice loop = LoopDevice.attach(image);
                ImageReader reader = ImageReader.open(image);
                BlockDevice target = BlockDevices.open(loop.path(), OpenMode.WRITE)) {
            assertThatThrownBy(() -> Restore.of(reader.newestImage())
                            .options(options -> options.overImage(true))
                            .to(target))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContainingAll(loop.path().toString(), image.toString());
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }

    @Test
    void aDiskThatHoldsTheImagesFileIsRefusedEvenWhenItMayBeWrittenMounted() throws IOException {
        Path disk = noise("disk", MIB);
        try (LoopDevice loop = LoopDevice.attach(noise("medium", 16 * MIB));
                Mount mount = Mount.ext4(loop, directory.resolve("mnt"))) {
            Path image = capture(disk, mount.point().resolve("image"));
            DiskOpenOptions mountedToo =
                    DiskOpenOptions.builder().writeEvenIf(Kind.MOUNTED).build();
            try (ImageReader reader = ImageReader.open(image);
                    RawDisk target = RawDisks.open(loop.path(), OpenMode.WRITE, mountedToo)) {
                assertThatThrownBy(() -> Restore.of(reader.newestImage()).to(target))
                        .isInstanceOf(TargetRefusedException.class)
                        .hasMessageContainingAll("the disk that holds", image.toString());
            }
        }
    }

    @Test
    void theFileUnderTheFilesystemThatHoldsTheImageIsRefused() throws IOException {
        Path medium = noise("medium", 16 * MIB);
        try (LoopDevice loop = LoopDevice.attach(medium);
                Mount mount = Mount.ext4(loop, directory.resolve("mnt"))) {
            Path image = capture(noise("disk", MIB), mount.point().resolve("image"));
            assertThatThrownBy(() -> BlockDevices.open(medium, OpenMode.WRITE)).isInstanceOf(DiskInUseException.class);
            assertThat(Backing.overwritten(BlockDevices.backing(medium), BlockDevices.backing(image)))
                    .contains(new Backing(FileIdentity.of(medium), 0, 16 * MIB, Relation.STORED_ON));
        }
    }

    @Test
    void twoLoopDevicesOverTheSameBytesOfAFileAreOneDisk() throws IOException {
        Path file = noise("disk", 8 * MIB);
        try (LoopDevice whole = LoopDevice.attach(file);
                LoopDevice part = LoopDevice.attach(file, "--offset", MIB, "--sizelimit", MIB);
                LoopDevice next = LoopDevice.attach(file, "--offset", 2 * MIB, "--sizelimit", MIB)) {
            assertNotConverted(part.path(), whole.path());
            try (BlockDevice from = BlockDevices.open(part.path(), OpenMode.READ);
                    BlockDevice to = BlockDevices.open(next.path(), OpenMode.WRITE)) {
                Convert.of(from).to(to);
            }
        }
        byte[] after = Files.readAllBytes(file);
        assertThat(Arrays.copyOfRange(after, 2 * MIB, 3 * MIB)).isEqualTo(Arrays.copyOfRange(after, MIB, 2 * MIB));
    }

    @Test
    void aMountIsSeenThroughEveryLoopDeviceOverItsBytes() throws IOException {
        Path file = noise("disk", 32 * MIB);
        try (LoopDevice whole = LoopDevice.attach(file);
                LoopDevice part = LoopDevice.attach(file, "--offset", MIB, "--sizelimit", 16 * MIB);
                LoopDevice again = LoopDevice.attach(file, "--offset", MIB, "--sizelimit", 16 * MIB);
                LoopDevice next = LoopDevice.attach(file, "--offset", 17 * MIB, "--sizelimit", MIB);
                Mount mount = Mount.ext4(part, directory.resolve("mnt"))) {
            DiskUse mounted = new DiskUse(Kind.MOUNTED, part.path() + " on " + mount.point());
            for (LoopDevice other : List.of(whole, again)) {
                assertThatThrownBy(() -> BlockDevices.open(other.path(), OpenMode.WRITE))
                        .isInstanceOfSatisfying(DiskInUseException.class, e -> assertThat(e.uses())
                                .containsExactly(mounted));
                assertThat(RawDisks.describe(other.path()).uses()).containsExactly(mounted);
            }
            assertThat(captureUsed(whole.path(), "live", false).inFullBecause())
                    .hasValueSatisfying(reason -> assertThat(reason).contains(mounted.toString()));
            BlockDevices.open(next.path(), OpenMode.WRITE).close();
        }
    }

    @Test
    void aLoopDeviceOverALoopDeviceIsItsFile() throws IOException {
        Path file = noise("disk", 8 * MIB);
        try (LoopDevice inner = LoopDevice.attach(file);
                LoopDevice outer = LoopDevice.attach(inner.path(), "--offset", MIB)) {
            assertNotConverted(file, outer.path());
            assertThat(BlockDevices.uses(file))
                    .containsExactlyInAnyOrder(
                            new DiskUse(Kind.HELD, "by " + inner.path()), new DiskUse(Kind.HELD, "by " + outer.path()));
        }
    }

    @Test
    void aPartitionIsAPartOfItsDisk() throws IOException {
        Path file = noise("disk", 16 * MIB);
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=2048,size=4096\nstart=8192,size=4096\n", "-q", file);
        try (LoopDevice loop = LoopDevice.attach(file, "--partscan")) {
            List<SystemPartition> partitions;
            try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                partitions = disk.announce(
                        List.of(
                                new SystemPartition(1, loop.path(), 2048 * 512, 4096 * 512),
                                new SystemPartition(2, loop.path(), 8192 * 512, 4096 * 512)),
                        Duration.ofSeconds(30));
            }
            Path first = partitions.get(0).path();
            assertNotConverted(loop.path(), first);
            assertNotConverted(first, loop.path());
            try (BlockDevice from = BlockDevices.open(first, OpenMode.READ);
                    BlockDevice to = BlockDevices.open(partitions.get(1).path(), OpenMode.WRITE)) {
                Convert.of(from).to(to);
            }
        }
    }

    /** Writes a disk with two partitions to another one. */
    interface Writing {
        List<Finding> write(Path image, BlockDevice disk) throws IOException;
    }

    private static Stream<Arguments> writings() {
        Writing restore = (image, disk) -> {
            try (ImageReader reader = ImageReader.open(image)) {
                return Restore.of(reader.newestImage()).to(disk).findings();
            }
        };
        Writing toAll = (image, disk) -> {
            try (ImageReader reader = ImageReader.open(image)) {
                return Restore.of(reader.newestImage())
                        .toAll(List.of(disk, MemoryDevice.ofSize(16 * MIB)))
                        .get(0)
                        .report()
                        .orElseThrow()
                        .findings();
            }
        };
        Writing stream = (image, disk) -> {
            try (FileChannel channel = FileChannel.open(image)) {
                return StreamRestore.of(channel).to(disk).findings();
            }
        };
        Writing convert = (image, disk) -> {
            try (ImageReader reader = ImageReader.open(image)) {
                return Convert.of(reader.newestImage()).to(disk).findings();
            }
        };
        return Stream.of(
                Arguments.of("restore", restore),
                Arguments.of("restore to several", toAll),
                Arguments.of("restore of a stream", stream),
                Arguments.of("convert", convert));
    }

    private Path imageOfTwoPartitions() throws IOException {
        Path file = noise("partitioned", 16 * MIB);
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=2048,size=4096\nstart=8192,size=4096\n", "-q", file);
        return capture(file, directory.resolve("image"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("writings")
    void theSystemSeesThePartitionsOfADiskThatWasWritten(String name, Writing writing) throws IOException {
        Path image = imageOfTwoPartitions();
        try (LoopDevice loop = LoopDevice.attach(noise("disk", 16 * MIB), "--partscan")) {
            try (BlockDevice disk = BlockDevices.open(loop.path(), OpenMode.WRITE)) {
                assertThat(writing.write(image, disk)).isEmpty();
                assertThat(RawDisks.describe(loop.path()).partitions())
                        .extracting(SystemPartition::diskOffset, SystemPartition::size)
                        .containsExactly(tuple(2048 * 512L, 4096 * 512L), tuple(8192 * 512L, 4096 * 512L));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("writings")
    void aDiskWhosePartitionsTheSystemCannotSeeYetIsWrittenAndSaysSo(String name, Writing writing) throws IOException {
        Path image = imageOfTwoPartitions();
        Path file = noise("disk", 16 * MIB);
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=4096,size=16384\n", "-q", file);
        DiskOpenOptions mountedToo =
                DiskOpenOptions.builder().writeEvenIf(Kind.MOUNTED).build();
        try (LoopDevice loop = LoopDevice.attach(file, "--partscan")) {
            Path partition;
            try (RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
                partition = disk.announceTable(Duration.ofSeconds(30)).get(0).path();
            }
            Oracle.of("mkfs.ext4").run("-q", "-F", partition);
            Path point = Files.createDirectories(directory.resolve("mnt"));
            Oracle.of("mount").run("-t", "ext4", partition, point);
            try (Mount mount = new Mount(point);
                    RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE, mountedToo)) {
                assertThat(writing.write(image, disk))
                        .extracting(Finding::severity)
                        .containsExactly(Finding.Severity.WARNING);
                assertThat(PartitionTables.read(disk).partitions()).hasSize(2);
                assertThat(mount.point()).isDirectory();
            }
        }
    }

    @Test
    void theFileOfAMountedLoopDeviceIsNotWritten() throws IOException {
        Path file = noise("disk", 16 * MIB);
        Path moved = directory.resolve("moved \u00fc");
        try (LoopDevice loop = LoopDevice.attach(file);
                Mount mount = Mount.ext4(loop, directory.resolve("mnt"))) {
            Files.move(file, moved);
            Path hard = Files.createLink(directory.resolve("hard"), moved);
            List<DiskUse> uses = List.of(
                    new DiskUse(Kind.MOUNTED, loop.path() + " on " + mount.point()),
                    new DiskUse(Kind.HELD, "by " + loop.path()));
            for (Path name : List.of(moved, hard)) {
                for (OpenMode mode : List.of(OpenMode.WRITE, OpenMode.READ_EXCLUSIVE)) {
                    assertThatThrownBy(() -> BlockDevices.open(name, mode))
                            .isInstanceOfSatisfying(DiskInUseException.class, e -> assertThat(e.uses())
                                    .isEqualTo(uses));
                }
                assertThatThrownBy(() -> FileDevice.open(name, OpenMode.WRITE)).isInstanceOf(DiskInUseException.class);
            }
            Files.delete(moved); // then the kernel shows a path that nothing is at
            try (BlockDevice disk = BlockDevices.open(hard, OpenMode.READ)) {
                assertThat(disk.uses()).isEqualTo(uses);
            }
        }
        BlockDevices.open(directory.resolve("hard"), OpenMode.WRITE).close();
    }

    @Test
    void theFileOfAMountedLoopDeviceIsNotReplaced() throws IOException {
        Path source = noise("source", MIB);
        Path file = noise("disk", 16 * MIB);
        Path image = capture(source, directory.resolve("image"));
        VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
        ImageOptions replacing = ImageOptions.builder().replaceExisting(true).build();
        try (LoopDevice loop = LoopDevice.attach(file);
                Mount mount = Mount.ext4(loop, directory.resolve("mnt"));
                LoopDevice overImage = LoopDevice.attach(image);
                BlockDevice from = BlockDevices.open(source, OpenMode.READ)) {
            assertThatThrownBy(() -> Convert.of(from)
                            .options(options -> options.replaceExisting(true))
                            .toNewFile(file, raw, VirtualDiskOptions.defaults()))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContaining(mount.point().toString());
            for (Path used : List.of(file, image)) {
                assertThatThrownBy(() -> ImageWriter.create(used, DiskGeometry.of(from), replacing))
                        .isInstanceOf(DiskInUseException.class)
                        .hasMessageContaining("HELD");
            }
            assertThatThrownBy(() -> ImageWriter.append(image, DiskGeometry.of(from), ImageOptions.defaults()))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContaining("by " + overImage.path());
        }
        try (var left = Files.list(directory)) {
            assertThat(left)
                    .extracting(path -> path.getFileName().toString())
                    .containsExactlyInAnyOrder("source", "disk", "image", "mnt");
        }
    }

    @Test
    void aFileThatIsUsedByTheTimeItWouldBeReplacedIsNot() throws IOException {
        Path source = noise("source", MIB);
        Path file = noise("disk", MIB);
        try (BlockDevice from = BlockDevices.open(source, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(
                        file,
                        DiskGeometry.of(from),
                        ImageOptions.builder().replaceExisting(true).build());
                LoopDevice loop = LoopDevice.attach(file)) {
            assertThatThrownBy(() -> Capture.of(from).to(writer))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContaining("by " + loop.path());
        }
        assertThat(directory.resolve("disk.partial")).exists();
    }

    @Test
    void aFileThatIsSwappedToIsNotWritten() throws IOException {
        Path swap = noise("swap", 4 * MIB);
        Files.setPosixFilePermissions(swap, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        Oracle.of("mkswap").run(swap);
        Oracle.of("swapon").run(swap);
        try {
            assertThatThrownBy(() -> BlockDevices.open(swap, OpenMode.WRITE))
                    .isInstanceOf(DiskInUseException.class)
                    .hasMessageContaining("SWAP");
            try (BlockDevice from = BlockDevices.open(swap, OpenMode.READ)) {
                ImageOptions replacing =
                        ImageOptions.builder().replaceExisting(true).build();
                assertThatThrownBy(() -> ImageWriter.create(swap, DiskGeometry.of(from), replacing))
                        .isInstanceOf(DiskInUseException.class)
                        .hasMessageContaining("SWAP");
            }
        } finally {
            Oracle.of("swapoff").run(swap);
        }
    }

    @Test
    void aMountedDiskIsCapturedInFullUnlessItHoldsStill() throws IOException {
        Path file = noise("disk", 16 * MIB);
        try (LoopDevice loop = LoopDevice.attach(file);
                Mount mount = Mount.ext4(loop, directory.resolve("mnt"))) {
            // Then its superblock says that it was unmounted, so that only the mount speaks against the allocation map.
            Oracle.of("mount").run("-o", "remount,ro", mount.point());
            for (Path name : List.of(file, loop.path())) {
                CaptureReport live = captureUsed(name, "live" + name.getFileName(), false);
                assertThat(live.inFullBecause()).hasValueSatisfying(reason -> assertThat(reason)
                        .contains("MOUNTED", loop.path() + " on " + mount.point()));
                assertThat(live.image().statistics().unusedBytes()).isZero();
                CaptureReport still = captureUsed(name, "still" + name.getFileName(), true);
                assertThat(still.inFullBecause()).isEmpty();
                assertThat(still.image().statistics().unusedBytes()).isPositive();
            }
        }
        CaptureReport idle = captureUsed(file, "idle", false);
        assertThat(idle.inFullBecause()).isEmpty();
        assertThat(idle.image().statistics().unusedBytes()).isPositive();
    }

    private CaptureReport captureUsed(Path disk, String image, boolean still) throws IOException {
        try (BlockDevice source = BlockDevices.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(
                        directory.resolve(image), DiskGeometry.of(source), ImageOptions.defaults())) {
            return Capture.of(source)
                    .options(options -> options.usedOnly(true))
                    .options(options -> options.holdsStill(still))
                    .to(writer);
        }
    }

    @Test
    void aStreamIsRestoredToADisk() throws IOException {
        Path disk = noise("disk", 4 * MIB);
        Path image = capture(disk, directory.resolve("image"));
        Path file = Files.write(directory.resolve("target"), new byte[4 * MIB]);
        try (LoopDevice loop = LoopDevice.attach(file)) {
            try (FileChannel stream = FileChannel.open(image);
                    BlockDevice target = BlockDevices.open(loop.path(), OpenMode.WRITE)) {
                StreamRestore.of(stream).to(target);
            }
            try (ImageReader reader = ImageReader.open(image);
                    BlockDevice target = BlockDevices.open(loop.path(), OpenMode.WRITE)) {
                Restore.of(reader.newestImage()).to(target);
            }
        }
        assertThat(Files.mismatch(file, disk)).isEqualTo(-1);
    }

    @Test
    void aDiskWithAnImageAtItsStartIsNoTarget() throws IOException {
        Path image = capture(noise("disk", MIB), directory.resolve("image"));
        Path file = Files.write(directory.resolve("target"), new byte[4 * MIB]);
        try (LoopDevice loop = LoopDevice.attach(file)) {
            Oracle.of("dd").run("if=" + image, "of=" + loop.path(), "conv=fsync");
            try (FileChannel stream = FileChannel.open(image);
                    BlockDevice target = BlockDevices.open(loop.path(), OpenMode.WRITE)) {
                assertThatThrownBy(() -> StreamRestore.of(stream).to(target))
                        .isInstanceOf(TargetRefusedException.class)
                        .hasMessageContaining("holds a Platter image");
                StreamRestore.of(stream)
                        .target(TargetRules.defaults().overImage(true))
                        .to(target);
            }
        }
    }

    @Test
    void aPartitionTableIsRepairedOnADisk() throws IOException {
        Path file = Files.write(directory.resolve("disk"), new byte[16 * MIB]);
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=2048,size=4096\n", "-q", file);
        byte[] good = Files.readAllBytes(file);
        try (LoopDevice loop = LoopDevice.attach(file);
                RawDisk disk = RawDisks.open(loop.path(), OpenMode.WRITE)) {
            disk.write(ByteBuffer.allocate(512), 512);
            PartitionTables.write(PartitionTables.readGpt(disk, 512), disk);
            disk.flush();
        }
        // The protective MBR's CHS addresses are of no meaning, and sfdisk has others.
        assertThat(Arrays.mismatch(tail(good), tail(Files.readAllBytes(file)))).isEqualTo(-1);
    }

    private static byte[] tail(byte[] disk) {
        return Arrays.copyOfRange(disk, 512, disk.length);
    }
}
