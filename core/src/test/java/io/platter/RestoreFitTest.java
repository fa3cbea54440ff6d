package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores to disks of other sizes, and of single partitions. */
class RestoreFitTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final byte[] disk = new byte[16 * MIB];
    private ImageReader reader;
    private Image image;

    @BeforeEach
    void captureDiskWithTwoPartitions() throws IOException {
        Random random = new Random(11);
        MemoryDevice device = MemoryDevice.over(disk);
        PartitionLayout.gpt()
                .add(PartitionSpec.ofSize("linux", 2 * MIB).named("first"))
                .add(PartitionSpec.ofSize("linux", 3 * MIB).named("second"))
                .build()
                .write(device, random);
        byte[] content = new byte[5 * MIB];
        random.nextBytes(content);
        device.write(ByteBuffer.wrap(content), MIB);
        Path file = directory.resolve("disk.platter");
        try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.of(device), ImageOptions.defaults())) {
            Capture.of(device).to(writer);
        }
        reader = ImageReader.open(file);
        image = reader.newestImage();
    }

    @AfterEach
    void close() throws IOException {
        reader.close();
    }

    private static PartitionTable table(byte[] bytes) throws IOException {
        return PartitionTables.read(MemoryDevice.over(bytes));
    }

    @Nested
    class LargerDisk {
        @Test
        void getsTheBackupTableAtItsEnd() throws IOException {
            byte[] target = new byte[24 * MIB];
            Restore.of(image).to(MemoryDevice.over(target));
            assertThat(table(target).findings()).isEmpty();
            assertThat(((Gpt) table(target)).tableExtents().contains(target.length - 512, 512))
                    .isTrue();
            assertThat(Arrays.copyOfRange(target, MIB, 6 * MIB)).isEqualTo(Arrays.copyOfRange(disk, MIB, 6 * MIB));
        }
    }

    @Nested
    class SmallerDisk {
        @Test
        void isRefusedUntouchedUnlessTheCallerAllowsIt() {
            byte[] target = new byte[8 * MIB];
            assertThatThrownBy(() -> Restore.of(image).to(MemoryDevice.over(target)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(disk.length));
            assertThat(target).containsOnly(0);
        }

        @Test
        void getsAllPartitionsAndTheBackupTableAtItsEnd() throws IOException {
            byte[] target = new byte[8 * MIB];
            Restore.of(image).allowSmaller(true).to(MemoryDevice.over(target));
            assertThat(table(target).findings()).isEmpty();
            assertThat(table(target).partitions()).isEqualTo(table(disk).partitions());
            assertThat(Arrays.copyOfRange(target, MIB, 6 * MIB)).isEqualTo(Arrays.copyOfRange(disk, MIB, 6 * MIB));
        }

        @Test
        void isRefusedUntouchedIfAPartitionDoesNotFit() {
            byte[] target = new byte[5 * MIB];
            assertThatThrownBy(() -> Restore.of(image).allowSmaller(true).to(MemoryDevice.over(target)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs");
            assertThat(target).containsOnly(0);
        }
    }

    @Nested
    class SinglePartition {
        @Test
        void goesToADeviceOfItsSize() throws IOException {
            byte[] target = new byte[3 * MIB];
            Restore.of(image).partition(2).to(MemoryDevice.over(target));
            assertThat(target).isEqualTo(Arrays.copyOfRange(disk, 3 * MIB, 6 * MIB));
        }

        @Test
        void leavesTheRestOfALargerDeviceAloneButForPlacesOfOldMarks() throws IOException {
            byte[] target = new byte[12 * MIB];
            Arrays.fill(target, (byte) 0x5A);
            Restore.of(image).partition(1).to(MemoryDevice.over(target));
            assertThat(Arrays.copyOf(target, 2 * MIB)).isEqualTo(Arrays.copyOfRange(disk, MIB, 3 * MIB));
            assertThat(Arrays.copyOfRange(target, 5 * MIB, 9 * MIB)).containsOnly(0x5A);
            assertThat(Arrays.copyOfRange(target, target.length - 2 * MIB, target.length))
                    .containsOnly(0);
        }

        @Test
        void isRefusedWhereItDoesNotFitOrDoesNotExist() {
            BlockDevice small = MemoryDevice.ofSize(MIB);
            assertThatThrownBy(() -> Restore.of(image).partition(1).to(small))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Restore.of(image).partition(7).to(MemoryDevice.ofSize(16 * MIB)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("partition 7");
        }
    }

    @Test
    void otherSectorsAreRefusedWithTheReason() {
        BlockDevice other = MemoryDevice.over(new byte[16 * MIB], 4096);
        assertThatThrownBy(() -> Restore.of(image).to(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096")
                .hasMessageContaining("512");
    }
}
