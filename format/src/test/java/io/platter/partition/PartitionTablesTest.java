package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.partition.Finding.Severity;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which table a disk is found to have, and the tables that are only read. */
class PartitionTablesTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 32 * MIB;

    @TempDir
    Path directory;

    private Path disk() throws IOException {
        Path path = directory.resolve("disk");
        Files.deleteIfExists(path);
        FileDevice.create(path, SIZE).close();
        return path;
    }

    private static PartitionTable read(Path path) throws IOException {
        try (BlockDevice device = FileDevice.open(path, OpenMode.READ)) {
            return PartitionTables.read(device);
        }
    }

    private static PartitionTable read(byte[] disk) throws IOException {
        return PartitionTables.read(MemoryDevice.over(disk));
    }

    private static void put(byte[] disk, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, disk, offset, bytes.length);
    }

    @Nested
    class Superfloppies {
        @ParameterizedTest
        @CsvSource({"mkfs.vfat, -F12, FAT", "mkfs.vfat, -F16, FAT", "mkfs.ntfs, -F, NTFS", "mkfs.exfat, -c4K, exFAT"})
        void aVolumeOnTheWholeDiskIsNoTable(String program, String option, String volume) throws IOException {
            Path path = disk();
            Oracle.of(program).run(option, path);
            PartitionTable table = read(path);
            assertThat(table.scheme()).isEqualTo(PartitionScheme.NONE);
            assertThat(table.tableExtents()).isEqualTo(ExtentSet.EMPTY);
            assertThat(table.isSound()).isTrue();
            assertThat(table.findings())
                    .containsExactly(new Finding(Severity.INFO, 0, "the boot sector of a volume of kind " + volume));
        }

        @Test
        void aTableBehindTheBootSectorOfAVolumeIsDoubtful() throws IOException {
            Path path = disk();
            Oracle.of("mkfs.vfat").run("-F16", path);
            Sfdisk.write(path, "label: dos\nsize=3M\n");
            PartitionTable table = read(path);
            assertThat(table.scheme()).isEqualTo(PartitionScheme.MBR);
            assertThat(table.partitions()).hasSize(1);
            assertThat(table.isSound()).isFalse();
        }

        @Test
        void anLvmPhysicalVolumeIsNoTable() throws IOException {
            byte[] disk = new byte[MIB];
            put(disk, 512, "LABELONE");
            put(disk, 512 + 24, "LVM2 001");
            assertThat(read(disk).scheme()).isEqualTo(PartitionScheme.NONE);
            assertThat(read(disk).findings())
                    .containsExactly(new Finding(Severity.INFO, 512, "an LVM2 physical volume"));
        }

        @Test
        void anEmptyOrTinyDiskHasNoTable() throws IOException {
            for (int size : new int[] {0, 1, 511, 512, 1024, 4096}) {
                assertThat(read(new byte[size])).isEqualTo(new Unpartitioned(512, java.util.List.of()));
            }
        }

        @ParameterizedTest
        @CsvSource({"508, \u00DA\u00BE", "0, '\u000B\u00E5\u00A9A'", "0, RDSK", "0, \u00C9\u00C2\u00D4\u00C1"})
        void aTableThatWeCannotReadIsAnError(int offset, String magic) throws IOException {
            byte[] disk = new byte[MIB];
            put(disk, offset, magic);
            assertThat(read(disk).scheme()).isEqualTo(PartitionScheme.NONE);
            assertThat(read(disk).isSound()).isFalse();
        }

        @Test
        void bootCodeThatEndsLikeAnMbrIsNoTable() throws IOException {
            byte[] disk = new byte[MIB];
            new Random(1).nextBytes(disk);
            disk[446] = 0x33;
            put(disk, 510, "U\u00AA");
            assertThat(read(disk).scheme()).isEqualTo(PartitionScheme.NONE);
            assertThat(read(disk).findings()).extracting(Finding::severity).containsExactly(Severity.WARNING);
        }
    }

    @Nested
    class LeftOvers {
        @Test
        void anMbrOverAGptIsAnMbr() throws IOException {
            Path path = disk();
            Sfdisk.write(path, "label: gpt\nsize=3M\n");
            try (BlockDevice device = FileDevice.open(path, OpenMode.WRITE)) {
                device.zero(0, 512);
            }
            Sfdisk.write(path, "label: dos\nsize=3M\n");
            PartitionTable table = read(path);
            assertThat(table.scheme()).isEqualTo(PartitionScheme.MBR);
            assertThat(table.findings())
                    .containsExactly(new Finding(
                            Severity.WARNING, 512, "what is left of a GPT, which the MBR does not protect"));
        }

        @Test
        void aNewMbrLeavesNothingOfAGpt() throws IOException {
            byte[] disk = new byte[MIB];
            MemoryDevice device = MemoryDevice.over(disk);
            PartitionLayout.gpt().sectorSize(4096).build().write(device, new Random(1));
            PartitionLayout.gpt().build().write(device, new Random(1));
            ExtentSet written = PartitionLayout.mbr().build().write(device, new Random(1));
            assertThat(written.contains(0, 1024)).isTrue();
            assertThat(written.contains(MIB - 512, 512)).isTrue();
            assertThat(read(disk).scheme()).isEqualTo(PartitionScheme.MBR);
            assertThat(read(disk).findings()).isEmpty();
        }
    }

    @Nested
    class ApplePartitionMaps {
        private byte[] byParted() throws IOException {
            Path path = disk();
            Oracle.of("parted").run("-s", path, "mklabel", "mac");
            Oracle.of("parted").run("-s", path, "mkpart", "one", "hfs+", "1MiB", "5MiB");
            Oracle.of("parted").run("-s", path, "mkpart", "two", "ext2", "6MiB", "8MiB");
            return Files.readAllBytes(path);
        }

        @Test
        void areReadAsPartxReadsThem() throws IOException {
            byte[] disk = byParted();
            PartitionTable table = read(disk);
            assertThat(table.scheme()).isEqualTo(PartitionScheme.APPLE);
            assertThat(table.findings()).isEmpty();
            StringBuilder ours = new StringBuilder();
            for (Partition partition : table.partitions()) {
                ours.append(String.format(
                        "%d %d %d %s %s%n",
                        partition.index(),
                        partition.diskOffset() / 512,
                        partition.length() / 512,
                        partition.name(),
                        partition.type().code()));
            }
            // Free space has an entry in the map: partx shows it, and parted, which made it, does not.
            String theirs = Oracle.of("partx")
                    .run("-g", "-o", "NR,START,SECTORS,NAME,TYPE", directory.resolve("disk"))
                    .lines()
                    .filter(line -> !line.contains("Apple_Free"))
                    .collect(Collectors.joining("\n"));
            assertThat(ours.toString()).isEqualToNormalizingWhitespace(theirs).contains("two Apple_UNIX_SVR2");
            assertThat(table.tableExtents()).isEqualTo(ExtentSet.of(0, 7 * 512));
        }

        @Test
        void endInAnErrorWhereTheyAreDamaged() throws IOException {
            byte[] disk = Arrays.copyOf(byParted(), SIZE);
            disk[3 * 512] = 0;
            PartitionTable table = read(disk);
            assertThat(table.partitions()).hasSize(2);
            assertThat(table.isSound()).isFalse();
            ByteBuffer.wrap(disk).putInt(512 + 4, -1);
            assertThat(read(disk).findings())
                    .extracting(Finding::message)
                    .first()
                    .asString()
                    .contains("4294967295 entries");
        }

        @Test
        void standAnyDamage() throws IOException {
            byte[] disk = Arrays.copyOf(byParted(), 8 * 512);
            Damage.flips(disk, 1, PartitionTables::read);
            Damage.truncations(disk, 7, PartitionTables::read);
            Damage.fuzz(disk, 5, 5000, PartitionTables::read);
        }

        @Test
        void besideAnMbrMakeItDoubtful() throws IOException {
            byte[] disk = byParted();
            new MbrEntry(0, 0x83, 100, 10).encode(ByteBuffer.wrap(disk), 0, 0);
            put(disk, 510, "U\u00AA");
            assertThat(read(disk).scheme()).isEqualTo(PartitionScheme.MBR);
            assertThat(read(disk).isSound()).isFalse();
        }
    }

    @Nested
    class Disklabels {
        private byte[] byParted() throws IOException {
            Path path = disk();
            Oracle.of("parted")
                    .run(
                            "-s", path, "mklabel", "bsd", "mkpart", "ext2", "1MiB", "5MiB", "mkpart", "ext2", "6MiB",
                            "8MiB");
            return Files.readAllBytes(path);
        }

        @Test
        void areReadAsPartxReadsThem() throws IOException {
            byte[] disk = byParted();
            PartitionTable table = read(disk);
            assertThat(table.scheme()).isEqualTo(PartitionScheme.BSD);
            // parted does not clear the field of the checksum before it computes the checksum.
            assertThat(table.findings())
                    .containsExactly(new Finding(Severity.ERROR, 64, "the disklabel's checksum does not match"));
            StringBuilder ours = new StringBuilder();
            for (Partition partition : table.partitions()) {
                ours.append(String.format(
                        "%d %d %d 0x%x%n",
                        partition.index(),
                        partition.diskOffset() / 512,
                        partition.length() / 512,
                        Integer.parseInt(partition.type().code())));
            }
            String theirs = Oracle.of("partx").run("-g", "-o", "NR,START,SECTORS,TYPE", directory.resolve("disk"));
            assertThat(ours.toString()).isEqualToNormalizingWhitespace(theirs).contains("2 12288 4096");
            assertThat(table.tableExtents()).isEqualTo(ExtentSet.of(0, 512));
        }

        @Test
        void inAnMbrPartitionAreReadAsFdiskWroteThem() throws IOException {
            Path path = disk();
            Sfdisk.write(path, "label: dos\nstart=1M, size=20M, type=a5\n");
            Oracle.of("fdisk").runWithInput("b\ny\nn\na\n\n+5M\nn\nb\n14336\n+6143\nt\na\n7\nt\nb\n7\nw\n", path);
            try (BlockDevice device = FileDevice.open(path, OpenMode.READ)) {
                Partition slice = PartitionTables.read(device).partitions().get(0);
                PartitionTable table = PartitionTables.read(device.slice(slice.diskOffset(), slice.length()));
                assertThat(table.scheme()).isEqualTo(PartitionScheme.BSD);
                assertThat(table.findings()).isEmpty();
                assertThat(table.partitions()).extracting(Partition::diskOffset).containsExactly(0L, 6L * MIB);
            }
        }

        /** Moves the label to sector 1, changes it, and gives it the checksum that it then needs. */
        private byte[] inSector1(Consumer<ByteBuffer> change) throws IOException {
            byte[] disk = byParted();
            System.arraycopy(disk, 64, disk, 512, 448);
            Arrays.fill(disk, 64, 512, (byte) 0);
            ByteBuffer label = ByteBuffer.wrap(disk, 512, 512).slice().order(ByteOrder.LITTLE_ENDIAN);
            change.accept(label);
            label.putShort(136, (short) 0);
            int sum = 0;
            for (int position = 0; position < 148 + 16 * label.getShort(138); position += 2) {
                sum ^= label.getShort(position);
            }
            label.putShort(136, (short) sum);
            return disk;
        }

        @Test
        void areReadFromSector1() throws IOException {
            byte[] disk = inSector1(label -> {});
            assertThat(read(disk).partitions()).hasSize(2);
            assertThat(read(disk).findings()).isEmpty();
            assertThat(read(disk).tableExtents()).isEqualTo(ExtentSet.of(512, 512));
        }

        @Test
        void countFromTheWholeThatTheyDescribe() throws IOException {
            byte[] disk = inSector1(label -> label.putInt(148 + 32, 40000).putInt(148 + 36, 1000));
            assertThat(read(disk).partitions())
                    .extracting(Partition::diskOffset)
                    .containsExactly((2048L - 1000) * 512, (12288L - 1000) * 512);
            byte[] after = inSector1(label -> label.putInt(148 + 32, 40000).putInt(148 + 36, 3000));
            assertThat(read(after).partitions()).hasSize(1);
            assertThat(read(after).isSound()).isFalse();
        }

        @Test
        void areDoubtfulIfTheirNumbersMakeNoSense() throws IOException {
            byte[] checksum = byParted();
            checksum[64 + 150] ^= 1;
            assertThat(read(checksum).findings())
                    .extracting(Finding::message)
                    .contains("the disklabel's checksum does not match");
            byte[] sectorSize = inSector1(label -> label.putInt(40, 1000));
            assertThat(read(sectorSize).findings())
                    .extracting(Finding::message)
                    .containsExactly("sectors of 1000 bytes in the disklabel");
            byte[] count = inSector1(label -> {});
            count[512 + 138] = 23;
            assertThat(read(count).isSound()).isFalse();
        }

        @Test
        void standAnyDamage() throws IOException {
            byte[] disk = Arrays.copyOf(byParted(), 2 * 512);
            Damage.flips(disk, 1, PartitionTables::read);
            Damage.truncations(disk, 7, PartitionTables::read);
            Damage.fuzz(disk, 5, 5000, PartitionTables::read);
        }
    }

    @Test
    void onlyGptAndMbrAreWritten() throws IOException {
        assertThatThrownBy(() -> PartitionTables.write(read(new byte[512]), MemoryDevice.ofSize(MIB)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a table of kind none can't be written");
    }

    @Test
    void aDeviceThatIsReadOnlyIsNotWritten() throws IOException {
        PartitionTable table = PartitionLayout.gpt().build().tableFor(SIZE, 512, new Random(1));
        try (BlockDevice device = FileDevice.open(disk(), OpenMode.READ)) {
            assertThatThrownBy(() -> PartitionTables.write(table, device)).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "256", "513", "131072", "-512"})
    void aSectorSizeThatIsNoneIsRefused(int sectorSize) {
        assertThatThrownBy(() -> PartitionTables.read(MemoryDevice.ofSize(MIB), sectorSize))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
