package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.job.ConvertReport;
import io.platter.job.RestoreReport;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
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
            Capture.of(device).options(CaptureOptions.everything()).to(writer);
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
    class DiskOfAnotherSize {
        @Test
        void isEqualToTheImageAfterARestore() throws IOException {
            for (int size : new int[] {24 * MIB, 16 * MIB + 512, 8 * MIB, 16 * MIB}) {
                MemoryDevice target = MemoryDevice.ofSize(size);
                Restore.of(image).options(options -> options.allowSmaller(true)).to(target);
                assertThat(Verify.of(image).differences(target)).as("%d", size).isEmpty();
                Restore.of(image)
                        .options(options -> options.allowSmaller(true))
                        .options(options -> options.compare(true))
                        .to(target);
                assertThat(Verify.of(image).differences(target)).as("%d", size).isEmpty();
            }
        }

        @Test
        void isEqualAsACopyToo() throws IOException {
            byte[] target = Arrays.copyOf(disk, 24 * MIB);
            assertThat(Verify.of(image).differences(MemoryDevice.over(target))).isEmpty();
        }

        @Test
        void differsWhereItsTableIsAnother() throws IOException {
            byte[] target = new byte[24 * MIB];
            Restore.of(image).to(MemoryDevice.over(target));
            target[512 + 60]++;
            assertThat(Verify.of(image).differences(MemoryDevice.over(target))).isNotEmpty();
        }

        @Test
        void isNotWrittenASecondTime() throws IOException {
            for (int size : new int[] {24 * MIB, 8 * MIB}) {
                FaultyDisk target = new FaultyDisk(new byte[size], Set.of());
                Restore.of(image).options(options -> options.allowSmaller(true)).to(target);
                int writes = target.writes().size();
                RestoreReport report = Restore.of(image)
                        .options(options -> options.allowSmaller(true))
                        .options(options -> options.compare(true))
                        .to(target);
                assertThat(target.writes()).hasSize(writes);
                assertThat(report.bytesWritten()).isZero();
            }
        }
    }

    @Nested
    class GptWithoutABackup {
        private final byte[] cut = new byte[6 * MIB];

        private Path captureCutDisk() throws IOException {
            System.arraycopy(disk, 0, cut, 0, cut.length);
            Path file = directory.resolve("cut.platter");
            MemoryDevice device = MemoryDevice.over(cut);
            try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.of(device), ImageOptions.defaults())) {
                Capture.of(device).options(CaptureOptions.everything()).to(writer);
            }
            return file;
        }

        @Test
        void isRestoredAsItIsWhereThereIsNoRoomForOne() throws IOException {
            Path file = captureCutDisk();
            try (ImageReader cutReader = ImageReader.open(file)) {
                for (int more : new int[] {512, 4096, 16384}) {
                    byte[] target = new byte[cut.length + more];
                    RestoreReport report = Restore.of(cutReader.newestImage()).to(MemoryDevice.over(target));
                    assertThat(Arrays.copyOf(target, cut.length)).isEqualTo(cut);
                    assertThat(report.findings()).hasSize(1);
                    // 32 sectors of entries and the header.
                    assertThat(report.findings().get(0).message()).contains(String.valueOf(cut.length + 33 * 512));
                    byte[] streamed = new byte[cut.length + more];
                    try (FileChannel channel = FileChannel.open(file)) {
                        report = StreamRestore.of(channel).to(MemoryDevice.over(streamed));
                    }
                    assertThat(streamed).isEqualTo(target);
                    assertThat(report.findings()).hasSize(1);
                    byte[] converted = new byte[cut.length + more];
                    ConvertReport conversion =
                            Convert.of(MemoryDevice.over(cut)).to(MemoryDevice.over(converted));
                    assertThat(converted).isEqualTo(target);
                    assertThat(conversion.findings()).hasSize(1);
                }
            }
        }

        @Test
        void getsOneWhereThereIsRoom() throws IOException {
            try (ImageReader cutReader = ImageReader.open(captureCutDisk())) {
                byte[] target = new byte[cut.length + 33 * 512];
                RestoreReport report = Restore.of(cutReader.newestImage()).to(MemoryDevice.over(target));
                assertThat(report.findings()).isEmpty();
                assertThat(table(target).findings()).isEmpty();
                assertThat(table(target).partitions()).isEqualTo(table(disk).partitions());
            }
        }
    }

    @Test
    void restoringTwiceIsIndependent() throws IOException {
        Restore restore = Restore.of(image);
        RestoreReport first = restore.to(MemoryDevice.ofSize(16 * MIB));
        RestoreReport second = restore.to(MemoryDevice.ofSize(16 * MIB));
        assertThat(second.bytesRead()).isEqualTo(first.bytesRead());
        assertThat(second.bytesWritten()).isEqualTo(first.bytesWritten());
        assertThat(second.unreadable()).isEqualTo(first.unreadable());
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
            Restore.of(image).options(options -> options.allowSmaller(true)).to(MemoryDevice.over(target));
            assertThat(table(target).findings()).isEmpty();
            assertThat(table(target).partitions()).isEqualTo(table(disk).partitions());
            assertThat(Arrays.copyOfRange(target, MIB, 6 * MIB)).isEqualTo(Arrays.copyOfRange(disk, MIB, 6 * MIB));
        }

        @Test
        void isRefusedUntouchedIfAPartitionDoesNotFit() {
            byte[] target = new byte[5 * MIB];
            assertThatThrownBy(() -> Restore.of(image)
                            .options(options -> options.allowSmaller(true))
                            .to(MemoryDevice.over(target)))
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
            Restore.of(image).options(options -> options.partition(2)).to(MemoryDevice.over(target));
            assertThat(target).isEqualTo(Arrays.copyOfRange(disk, 3 * MIB, 6 * MIB));
        }

        @Test
        void leavesTheRestOfALargerDeviceAloneButForPlacesOfOldMarks() throws IOException {
            byte[] target = new byte[12 * MIB];
            Arrays.fill(target, (byte) 0x5A);
            Restore.of(image).options(options -> options.partition(1)).to(MemoryDevice.over(target));
            assertThat(Arrays.copyOf(target, 2 * MIB)).isEqualTo(Arrays.copyOfRange(disk, MIB, 3 * MIB));
            assertThat(Arrays.copyOfRange(target, 5 * MIB, 9 * MIB)).containsOnly(0x5A);
            assertThat(Arrays.copyOfRange(target, target.length - 2 * MIB, target.length))
                    .containsOnly(0);
        }

        @Test
        void isRefusedWhereItDoesNotFitOrDoesNotExist() {
            BlockDevice small = MemoryDevice.ofSize(MIB);
            assertThatThrownBy(() -> Restore.of(image)
                            .options(options -> options.partition(1))
                            .to(small))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Restore.of(image)
                            .options(options -> options.partition(7))
                            .to(MemoryDevice.ofSize(16 * MIB)))
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
