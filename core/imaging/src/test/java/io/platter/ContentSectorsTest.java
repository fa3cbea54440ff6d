package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.ConvertReport;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file holds the disk of a machine with sectors of 4096 bytes: the content tells, not the file. */
class ContentSectorsTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final byte[] disk = new byte[8 * MIB];
    private final BlockDevice file = MemoryDevice.over(disk);

    @BeforeEach
    void makeDisk() throws IOException {
        PartitionLayout.gpt()
                .sectorSize(4096)
                .add(PartitionSpec.ofSize("linux", 2 * MIB))
                .build()
                .write(file, new Random(1));
    }

    private Path capture(DiskGeometry geometry) throws IOException {
        Path image = directory.resolve("image" + geometry.logicalSectorSize());
        try (ImageWriter writer = ImageWriter.create(image, geometry, ImageOptions.defaults())) {
            Capture.of(file).options(options -> options.usedOnly(true)).to(writer);
        }
        return image;
    }

    @Test
    void theGeometryOfTheContentIsThatOfItsTable() throws IOException {
        assertThat(DiskGeometry.ofContent(file)).isEqualTo(new DiskGeometry(disk.length, 4096, 4096));
        assertThat(DiskGeometry.ofContent(MemoryDevice.ofSize(MIB))).isEqualTo(DiskGeometry.ofSize(MIB));
    }

    @Nested
    class RestoringAnImage {
        @Test
        void goesToADiskWithTheSectorsOfTheContent() throws IOException {
            for (DiskGeometry geometry : new DiskGeometry[] {DiskGeometry.of(file), DiskGeometry.ofContent(file)}) {
                byte[] target = new byte[disk.length];
                try (ImageReader reader = ImageReader.open(capture(geometry))) {
                    Restore.of(reader.newestImage()).to(MemoryDevice.over(target, 4096));
                }
                assertThat(target).isEqualTo(disk);
            }
        }

        @Test
        void isRefusedForADiskWithOthersBeforeAnythingIsWritten() throws IOException {
            for (DiskGeometry geometry : new DiskGeometry[] {DiskGeometry.of(file), DiskGeometry.ofContent(file)}) {
                byte[] target = new byte[disk.length];
                try (ImageReader reader = ImageReader.open(capture(geometry))) {
                    Restore restore = Restore.of(reader.newestImage());
                    assertThatThrownBy(() -> restore.to(MemoryDevice.over(target)))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("sectors of 512")
                            .hasMessageContaining("4096");
                    assertThat(target).containsOnly(0);
                    restore.options(options -> options.anySectorSize(true)).to(MemoryDevice.over(target));
                    assertThat(target).isEqualTo(disk);
                }
            }
        }

        @Test
        void givesALargerDiskATableInSectorsOfTheContent() throws IOException {
            byte[] target = new byte[disk.length + MIB];
            try (ImageReader reader = ImageReader.open(capture(DiskGeometry.of(file)))) {
                Restore.of(reader.newestImage()).to(MemoryDevice.over(target, 4096));
            }
            PartitionTable table = PartitionTables.read(MemoryDevice.over(target, 4096));
            assertThat(table.findings()).isEmpty();
            assertThat(table.partitions()).hasSize(1);
        }

        @Test
        void fromAStreamIsRefusedIfTheImageSaysItsSectors() throws IOException {
            byte[] target = new byte[disk.length];
            try (FileChannel channel = FileChannel.open(capture(DiskGeometry.ofContent(file)))) {
                assertThatThrownBy(() -> StreamRestore.of(channel).to(MemoryDevice.over(target)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(target).containsOnly(0);
        }

        @Test
        void isRefusedFromAStreamBeforeTheFirstByteIfOnlyTheTableSaysThem() throws IOException {
            try (FileChannel channel = FileChannel.open(capture(DiskGeometry.of(file)))) {
                MemoryDevice target = MemoryDevice.ofSize(disk.length);
                assertThatThrownBy(() -> StreamRestore.of(channel).to(target))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("4096");
                ByteBuffer found = ByteBuffer.allocate(disk.length);
                target.read(found, 0);
                assertThat(found.array()).containsOnly(0);
            }
        }

        @Test
        @Tag("root")
        void showsItsPartitionToTheKernel() throws IOException {
            Oracle.requireRoot();
            Path target = directory.resolve("target");
            FileDevice.create(target, disk.length).close();
            try (ImageReader reader = ImageReader.open(capture(DiskGeometry.of(file)));
                    FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
                Restore.of(reader.newestImage()).to(device.withLogicalSectorSize(4096));
            }
            try (LoopDevice loop = LoopDevice.attach(target, "--sector-size", 4096)) {
                assertThat(Oracle.of("sfdisk").run("--dump", loop.path()))
                        .contains("sector-size: 4096")
                        .contains("start=         256, size=         512");
            }
        }
    }

    @Nested
    class Converting {
        @Test
        void toADiskAsksForTheSectorsOfTheContent() throws IOException {
            byte[] target = new byte[disk.length];
            assertThatThrownBy(() -> Convert.of(file).to(MemoryDevice.over(target)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("4096");
            assertThat(target).containsOnly(0);
            Convert.of(file).to(MemoryDevice.over(target, 4096));
            assertThat(target).isEqualTo(disk);
        }

        private ConvertReport to(String format, int sectorSize) throws IOException {
            return Convert.of(file)
                    .toNewFile(
                            directory.resolve("disk." + format + sectorSize),
                            VirtualDisks.named(format).orElseThrow(),
                            VirtualDiskOptions.builder()
                                    .logicalSectorSize(sectorSize)
                                    .build());
        }

        @Test
        void toAFormatThatSaysOtherSectorsIsReported() throws IOException {
            assertThat(to("qcow2", 512).findings()).singleElement().satisfies(finding -> assertThat(finding.message())
                    .contains("4096")
                    .contains("512"));
            assertThat(to("vhdx", 512).findings()).hasSize(1);
            assertThat(to("vhdx", 4096).findings()).isEmpty();
            assertThat(to("raw", 512).findings()).isEmpty();
        }
    }

    /** An MBR does not say in which sectors it counts, but its partitions start where their filesystems do, or not. */
    @Nested
    class Mbr {
        private final byte[] bytes = new byte[32 * MIB];

        @BeforeEach
        void makeDisk() throws IOException {
            PartitionLayout.mbr()
                    .sectorSize(4096)
                    .add(PartitionSpec.ofSize("linux", 20 * MIB))
                    .build()
                    .write(MemoryDevice.over(bytes), new Random(1));
            // The magic of ext: libext2fs/ext2_fs.h, s_magic at 56 of the superblock at 1024.
            bytes[MIB + 1080] = 0x53;
            bytes[MIB + 1081] = (byte) 0xEF;
        }

        @Test
        void forOtherSectorsIsFoundToBeDoubtful() throws IOException {
            PartitionTable table = PartitionTables.read(MemoryDevice.over(bytes));
            assertThat(table.isSound()).isFalse();
            assertThat(table.findings()).anyMatch(finding -> finding.message().contains("4096"));
        }

        @Test
        void isRightAsSoonAsTheCallerSaysTheSectors() throws IOException {
            BlockDevice device = MemoryDevice.over(bytes).withLogicalSectorSize(4096);
            PartitionTable table = PartitionTables.read(device);
            assertThat(table.findings()).isEmpty();
            assertThat(table.partitions().get(0).diskOffset()).isEqualTo(MIB);
            assertThat(DiskGeometry.ofContent(device).logicalSectorSize()).isEqualTo(4096);
        }

        @Test
        void forTheDevicesSectorsIsNoDoubt() throws IOException {
            byte[] usual = new byte[32 * MIB];
            PartitionLayout.mbr()
                    .add(PartitionSpec.ofSize("linux", 20 * MIB))
                    .build()
                    .write(MemoryDevice.over(usual), new Random(1));
            assertThat(PartitionTables.read(MemoryDevice.over(usual)).findings())
                    .isEmpty();
        }
    }
}
