package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.DiskAllocation;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.PartitionSummary;
import io.platter.job.CaptureOptions;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskAllocationTest {
    private static final int MIB = 1 << 20;
    private static final int DISK_SIZE = 40 * MIB;
    private static final int PARTITION_SIZE = 32 * MIB;

    @TempDir
    Path directory;

    private BlockDevice diskWithFilesystem() throws IOException {
        Path file = directory.resolve("disk.img");
        FileDevice disk = FileDevice.create(file, DISK_SIZE);
        Random random = new Random(3);
        byte[] noise = new byte[DISK_SIZE];
        random.nextBytes(noise);
        disk.write(ByteBuffer.wrap(noise), 0);
        PartitionLayout.gpt()
                .add(PartitionSpec.ofSize("linux", PARTITION_SIZE).named("root"))
                .build()
                .write(disk, random);
        Oracle.of("mkfs.ext4").run("-q", "-L", "label", "-E", "offset=" + MIB + ",nodiscard", file, "32768k");
        disk.close();
        return FileDevice.open(file, OpenMode.READ);
    }

    @Test
    void leavesOutWhatTheFilesystemDoesNotUseAndKeepsAllElse() throws IOException {
        try (BlockDevice disk = diskWithFilesystem()) {
            DiskAllocation allocation = DiskAllocation.of(disk);
            ExtentSet used = allocation.used();
            assertThat(used.contains(0, MIB)).isTrue();
            assertThat(used.contains(MIB + PARTITION_SIZE, DISK_SIZE - MIB - PARTITION_SIZE))
                    .isTrue();
            assertThat(used.bytes()).isLessThan(DISK_SIZE / 2);
            assertThat(allocation.volumes().get(0).map().filesystem()).isEqualTo("ext4");
        }
    }

    @Test
    void captureSaysForEachPartitionWhatItTook() throws IOException {
        try (BlockDevice disk = diskWithFilesystem()) {
            Path file = directory.resolve("disk.platter");
            ImageInfo info;
            try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.of(disk), ImageOptions.defaults())) {
                info = Capture.of(disk)
                        .options(options -> options.usedOnly(true))
                        .to(writer)
                        .image();
            }
            PartitionSummary partition = info.partitions().get(0);
            assertThat(partition.attributes())
                    .containsEntry("filesystem", "ext4")
                    .containsEntry("label", "label")
                    .containsEntry("name", "root")
                    .containsEntry("reason", "none")
                    .containsEntry("captured", partition.attributes().get("used"));
            assertThat(info.statistics().unusedBytes()).isGreaterThan(DISK_SIZE / 2);
        }
    }

    @Test
    void paranoidCaptureKeepsUnusedBytesThatAreNotZero() throws IOException {
        try (BlockDevice disk = diskWithFilesystem()) {
            Path file = directory.resolve("disk.platter");
            try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.of(disk), ImageOptions.defaults())) {
                Capture.of(disk)
                        .options(options -> options.usedOnly(true))
                        .options(options -> options.paranoid(true))
                        .to(writer);
            }
            try (ImageReader reader = ImageReader.open(file)) {
                assertThat(Verify.of(reader.newestImage()).differences(disk)).isEmpty();
                // What mkfs itself wiped is unused and zero.
                assertThat(reader.newestImage().info().statistics().unusedBytes())
                        .isLessThan(MIB);
            }
        }
    }

    @Test
    void everythingIsUsedOnADiskWhoseTableIsNotSound() throws IOException {
        byte[] bytes = new byte[4 * MIB];
        MemoryDevice disk = MemoryDevice.over(bytes);
        PartitionLayout.gpt().add(PartitionSpec.rest("linux")).build().write(disk, new Random(1));
        bytes[512] ^= 1;
        bytes[bytes.length - 512] ^= 1;
        assertThat(DiskAllocation.of(disk).used()).isEqualTo(ExtentSet.of(0, bytes.length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkfs.ext4 -q -F", "mkfs.btrfs -q"})
    void bootSectorWithoutPartitionsDoesNotHideAFilesystemOnTheWholeDisk(String command) throws IOException {
        Path file = directory.resolve("disk.img");
        FileDevice.create(file, 120L * MIB).close();
        Oracle.of("bash").run("-c", command + " " + file);
        try (FileDevice disk = FileDevice.open(file, OpenMode.WRITE)) {
            byte[] bootCode = new byte[446];
            new Random(1).nextBytes(bootCode);
            disk.write(ByteBuffer.wrap(bootCode), 0);
            disk.write(ByteBuffer.wrap(new byte[] {0x55, (byte) 0xAA}), 510);

            DiskAllocation allocation = DiskAllocation.of(disk);

            assertThat(allocation.volumes()).hasSize(1);
            AllocationMap map = allocation.volumes().get(0).map();
            assertThat(map.filesystem()).isEqualTo(command.startsWith("mkfs.ext4") ? "ext4" : "btrfs");
            assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
            assertThat(allocation.used().contains(0, 512)).isTrue();
            assertThat(allocation.used().bytes()).isLessThan(60L * MIB);
        }
    }

    @Test
    void aTableWhosePartitionsAreNotOnTheDiskHasAReason() throws IOException {
        byte[] bytes = new byte[4 * MIB];
        MemoryDevice disk = MemoryDevice.over(bytes);
        PartitionLayout.mbr().add(PartitionSpec.rest("linux")).build().write(disk, new Random(1));
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(446 + 8, 1 << 20);
        DiskAllocation allocation = DiskAllocation.of(disk);
        assertThat(allocation.used()).isEqualTo(ExtentSet.of(0, bytes.length));
        assertThat(allocation.volumes())
                .extracting(volume -> volume.map().reason())
                .containsExactly(Reason.UNRECOGNISED);
    }

    @Test
    void onlyTakesTheBytesThatTheCallerWants() throws IOException {
        byte[] bytes = new byte[2 * MIB];
        new Random(5).nextBytes(bytes);
        MemoryDevice disk = MemoryDevice.over(bytes);
        Path file = directory.resolve("part.platter");
        try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.of(disk), ImageOptions.defaults())) {
            Capture.of(disk)
                    .options(CaptureOptions.everything())
                    .options(options -> options.only(ExtentSet.of(4096, 8192)))
                    .to(writer);
        }
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.newestImage().extents().map(extent -> extent.kind()))
                    .containsExactly(ImageExtentKind.UNUSED, ImageExtentKind.DATA, ImageExtentKind.UNUSED);
        }
    }
}
