package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of ours before {@code sfdisk} and {@code sgdisk}, and theirs before us. */
class PartitionOracleTest {
    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final long SEED = Long.getLong("test.seed", 20261121);

    @TempDir
    Path directory;

    private Path disk() throws IOException {
        return disk(SIZE);
    }

    private Path disk(long size) throws IOException {
        Path path = directory.resolve("disk");
        Files.deleteIfExists(path);
        FileDevice.create(path, size).close();
        return path;
    }

    private static PartitionTable read(Path path, int sectorSize) throws IOException {
        try (BlockDevice device = FileDevice.open(path, OpenMode.READ)) {
            return PartitionTables.read(device, sectorSize);
        }
    }

    private static void write(Path path, PartitionTable table) throws IOException {
        try (BlockDevice device = FileDevice.open(path, OpenMode.WRITE)) {
            PartitionTables.write(table, device);
        }
    }

    private static void assertSoundFor(Path path) {
        assertThat(Oracle.of("sfdisk").run("--verify", path)).contains("No errors detected");
    }

    private static void assertSoundForSgdisk(Path path) {
        assertThat(Oracle.of("sgdisk").run("-v", path))
                .contains("No problems found")
                .doesNotContain("ERROR", "CRC", "corrupt", "invalid");
    }

    /** As {@link #assertSoundFor}, and both programs list what we have written. */
    private static void assertTheyRead(Path path, PartitionTable written) {
        assertThat(Sfdisk.partitions(path)).isEqualTo(Sfdisk.rows(written));
        assertThat(Sfdisk.label(path).get("id")).isEqualTo(written.id());
        assertSoundFor(path);
    }

    @Nested
    class WrittenByUs {
        @Test
        void bothProgramsReadAGptOfOurs() throws IOException {
            Path path = disk();
            PartitionTable table = PartitionLayout.gpt()
                    .add(PartitionSpec.ofSize("efi", 4 * MIB)
                            .named("EFI system")
                            .bootable())
                    .add(PartitionSpec.ofSize("windows-reserved", MIB).attributes(1L << 63 | 1))
                    .add(PartitionSpec.rest("root-x86-64").named("root"))
                    .add(PartitionSpec.ofSize("windows-recovery", 3 * MIB + 5).named("at the end"))
                    .build()
                    .tableFor(SIZE, 512, new Random(SEED));
            write(path, table);
            assertTheyRead(path, table);
            assertSoundForSgdisk(path);
        }

        @Test
        void sfdiskReadsAnMbrOfOurs() throws IOException {
            Path path = disk();
            PartitionTable table = PartitionLayout.mbr()
                    .signature(0x89ABCDEF)
                    .add(PartitionSpec.ofSize("fat32", 4 * MIB).bootable())
                    .add(PartitionSpec.ofSize("linux", 4 * MIB).logical())
                    .add(PartitionSpec.rest("swap").logical())
                    .add(PartitionSpec.ofSize("8e", 4 * MIB).logical())
                    .add(PartitionSpec.ofSize("ntfs", 5 * MIB))
                    .build()
                    .tableFor(SIZE, 512, new Random(SEED));
            write(path, table);
            assertTheyRead(path, table);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 4, 100, 256, 1000})
        void sfdiskReadsAnyNumberOfEntries(int entries) throws IOException {
            Path path = disk();
            PartitionTable table = PartitionLayout.gpt()
                    .entries(entries)
                    .add(PartitionSpec.rest("linux"))
                    .build()
                    .tableFor(SIZE, 512, new Random(SEED));
            write(path, table);
            assertTheyRead(path, table);
        }

        @Test
        void randomLayoutsAreReadAsTheyWereMeant() throws IOException {
            Random random = new Random(SEED);
            Path path = disk();
            for (int round = 0; round < 25; round++) {
                boolean gpt = round % 2 == 0;
                PartitionLayout layout = gpt ? randomGpt(random) : randomMbr(random);
                PartitionTable table = layout.tableFor(SIZE, 512, random);
                try (BlockDevice device = FileDevice.open(path, OpenMode.WRITE)) {
                    layout.write(device, random);
                    PartitionTables.write(table, device);
                }
                String context = "seed " + SEED + ", round " + round;
                assertThat(table.findings()).as(context).isEmpty();
                assertThat(Sfdisk.partitions(path)).as(context).isEqualTo(Sfdisk.rows(table));
                assertThat(read(path, 512).partitions()).as(context).isEqualTo(table.partitions());
                assertThat(read(path, 512).findings()).as(context).isEmpty();
                assertSoundFor(path);
                if (gpt) {
                    assertSoundForSgdisk(path);
                }
            }
        }

        private PartitionLayout randomGpt(Random random) {
            PartitionLayout.Builder layout = PartitionLayout.gpt();
            layout.alignment(512L << random.nextInt(12)).entries(128 + 4 * random.nextInt(40));
            int count = random.nextInt(20);
            int rest = random.nextInt(20);
            List<String> types = PartitionType.keys(PartitionScheme.GPT).toList();
            for (int i = 0; i < count; i++) {
                String type = types.get(random.nextInt(types.size()));
                PartitionSpec spec = i == rest
                        ? PartitionSpec.rest(type)
                        : PartitionSpec.ofSize(type, 1 + random.nextInt((int) (2 * MIB)));
                layout.add(
                        spec.named("n".repeat(random.nextInt(37))).attributes(random.nextLong() & (0xFFFFL << 48 | 7)));
            }
            return layout.build();
        }

        private PartitionLayout randomMbr(Random random) {
            PartitionLayout.Builder layout = PartitionLayout.mbr().alignment(512L << random.nextInt(12));
            List<String> types = PartitionType.keys(PartitionScheme.MBR)
                    .filter(type -> !type.contains("extended") && !type.equals("protective"))
                    .toList();
            int before = random.nextInt(4);
            int logical = random.nextInt(12);
            int count = before + logical + random.nextInt(4 - before);
            int rest = random.nextInt(12);
            for (int i = 0; i < count; i++) {
                String type = types.get(random.nextInt(types.size()));
                PartitionSpec spec = i == rest
                        ? PartitionSpec.rest(type)
                        : PartitionSpec.ofSize(type, 1 + random.nextInt((int) (2 * MIB)));
                layout.add(i >= before && i < before + logical ? spec.logical() : spec);
            }
            return layout.build();
        }
    }

    @Nested
    class WrittenByThem {
        @Test
        void aGptOfSfdiskIsReadAsSfdiskReadsIt() throws IOException {
            Path path = disk();
            Sfdisk.write(path, """
                    label: gpt
                    label-id: 11111111-2222-3333-4444-555555555555
                    table-length: 200

                    start=2048, size=100, type=U, name="first one", attrs="LegacyBIOSBootable GUID:50"
                    start=9999, size=1, type=L
                    """);
            PartitionTable table = read(path, 512);
            assertThat(table.findings()).isEmpty();
            assertThat(table.id()).isEqualTo("11111111-2222-3333-4444-555555555555");
            assertThat(Sfdisk.rows(table)).isEqualTo(Sfdisk.partitions(path)).hasSize(2);
            assertThat(table.partitions().get(0).is(PartitionFlag.BOOTABLE)).isTrue();
        }

        @Test
        void aGptOfSgdiskIsReadAsSfdiskReadsIt() throws IOException {
            Path path = disk();
            Oracle.of("sgdisk").run("-S", 512, "-n", "7:0:+3M", "-t", "7:ef00", "-c", "7:seven", "-n", "9:0:0", path);
            PartitionTable table = read(path, 512);
            assertThat(table.findings()).isEmpty();
            assertThat(Sfdisk.rows(table)).isEqualTo(Sfdisk.partitions(path)).hasSize(2);
        }

        @Test
        void manyLogicalPartitionsAreReadAsSfdiskReadsThem() throws IOException {
            Path path = disk(4 * SIZE);
            StringBuilder script = new StringBuilder("label: dos\ngrain: 512\nsize=1M, type=83, bootable\ntype=E\n");
            script.append("size=512K\n".repeat(50));
            Sfdisk.write(path, script.toString());
            PartitionTable table = read(path, 512);
            assertThat(table.findings()).isEmpty();
            assertThat(Sfdisk.rows(table)).isEqualTo(Sfdisk.partitions(path)).hasSize(52);
            assertThat(table.tableExtents().bytes()).isEqualTo(51 * 512);
        }

        @Test
        void randomTablesOfSfdiskAreReadAsSfdiskReadsThem() throws IOException {
            Random random = new Random(SEED);
            for (int round = 0; round < 16; round++) {
                Path path = disk();
                boolean gpt = round % 2 == 0;
                StringBuilder script = new StringBuilder(gpt ? "label: gpt\n" : "label: dos\ngrain: 512\n");
                int count = gpt ? random.nextInt(30) : random.nextInt(4);
                addPartitions(script, count, random);
                if (!gpt) {
                    script.append("type=")
                            .append(random.nextBoolean() ? "5" : "f")
                            .append('\n');
                    addPartitions(script, random.nextInt(30), random);
                }
                Sfdisk.write(path, script.toString());
                String context = "seed " + SEED + ", round " + round;
                PartitionTable table = read(path, 512);
                assertThat(table.findings()).as(context).isEmpty();
                assertThat(Sfdisk.rows(table)).as(context).isEqualTo(Sfdisk.partitions(path));
            }
        }

        private void addPartitions(StringBuilder script, int count, Random random) {
            for (int i = 0; i < count; i++) {
                script.append("size=").append(1 + random.nextInt(600)).append("K\n");
            }
        }

        @Test
        void aHybridMbrOfSgdiskIsRead() throws IOException {
            Path path = disk();
            Oracle.of("sgdisk").run("-n", "1:0:+3M", "-n", "2:0:+5M", "-n", "3:0:0", path);
            Oracle.of("sgdisk").run("--hybrid=1:3", path);
            PartitionTable table = read(path, 512);
            assertThat(Sfdisk.rows(table)).hasSize(3).isEqualTo(Sfdisk.partitions(path));
            List<Partition> hybrid = ((Gpt) table).hybridPartitions();
            assertThat(hybrid).hasSize(2);
            assertThat(hybrid.get(0).diskOffset())
                    .isEqualTo(table.partitions().get(0).diskOffset());
            assertThat(hybrid.get(1).length())
                    .isEqualTo(table.partitions().get(2).length());
            assertThat(table.isSound()).isTrue();
            assertThat(table.findings())
                    .extracting(Finding::message)
                    .containsExactly("the MBR is hybrid and describes 2 partitions as well");
        }

        @Test
        void aHybridMbrSurvivesTheMoveToALargerDisk() throws IOException {
            Path path = disk();
            Oracle.of("sgdisk").run("-n", "1:0:+3M", "-n", "2:0:+5M", path);
            Oracle.of("sgdisk").run("--hybrid=1:2:EE", path);
            List<Partition> hybrid = ((Gpt) read(path, 512)).hybridPartitions();
            resize(path, 2 * SIZE);
            write(path, ((Gpt) read(path, 512)).fittedTo(2 * SIZE));
            assertThat(((Gpt) read(path, 512)).hybridPartitions()).isEqualTo(hybrid);
            assertSoundForSgdisk(path);
        }

        @Test
        void aMainTableThatWasMovedIsReadAndRepaired() throws IOException {
            Path path = disk();
            Oracle.of("sgdisk").run("-j", 1024, "-n", "1:0:+3M", path);
            PartitionTable table = read(path, 512);
            assertThat(table.findings()).isEmpty();
            assertThat(table.tableExtents().contains(1024 * 512, 32 * 512)).isTrue();
            damage(path, 512 + 16);
            Gpt damaged = (Gpt) read(path, 512);
            assertThat(damaged.partitions()).isEqualTo(table.partitions());
            write(path, damaged);
            assertThat(read(path, 512).findings()).isEmpty();
            assertThat(read(path, 512).tableExtents()).isEqualTo(table.tableExtents());
            assertSoundForSgdisk(path);
        }
    }

    private static void resize(Path path, long size) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(path, java.nio.file.StandardOpenOption.WRITE)) {
            if (size < channel.size()) {
                channel.truncate(size);
            } else {
                channel.write(java.nio.ByteBuffer.allocate(1), size - 1);
            }
        }
    }

    private static void damage(Path path, long diskOffset) throws IOException {
        try (BlockDevice device = FileDevice.open(path, OpenMode.WRITE)) {
            device.write(java.nio.ByteBuffer.wrap(new byte[] {0x5A, 0x5B, 0x5C, 0x5D}), diskOffset);
        }
    }

    @Nested
    class Repaired {
        private Path aGpt() throws IOException {
            Path path = disk();
            Sfdisk.write(path, "label: gpt\nsize=3M, type=U, name=efi\nsize=5M\nsize=7M\n");
            return path;
        }

        @ParameterizedTest
        @ValueSource(longs = {512 + 20, 512 + 56, 1024 + 5, SIZE - 512 + 20, SIZE - 512 - 16384 + 5})
        void anyDamagedPartIsRepairedFromTheOtherCopy(long damage) throws IOException {
            Path path = aGpt();
            List<Partition> partitions = read(path, 512).partitions();
            damage(path, damage);
            assertThat(Oracle.of("sgdisk").tryRun("-v", path).output()).contains("ERROR");
            PartitionTable damaged = read(path, 512);
            assertThat(damaged.partitions()).isEqualTo(partitions);
            assertThat(damaged.findings()).hasSize(1);
            assertThat(damaged.isSound()).isTrue();
            write(path, damaged);
            assertThat(read(path, 512).findings()).isEmpty();
            assertTheyRead(path, damaged);
            assertSoundForSgdisk(path);
        }

        @Test
        void aLostStartOfTheDiskIsRepairedWhenAskedFor() throws IOException {
            Path path = aGpt();
            List<Partition> partitions = read(path, 512).partitions();
            try (BlockDevice device = FileDevice.open(path, OpenMode.WRITE)) {
                device.zero(0, MIB);
                PartitionTable none = PartitionTables.read(device);
                assertThat(none.scheme()).isEqualTo(PartitionScheme.NONE);
                assertThat(none.isSound()).isFalse();
                PartitionTables.write(PartitionTables.readGpt(device, 512), device);
            }
            assertThat(read(path, 512).partitions()).isEqualTo(partitions);
            assertThat(read(path, 512).findings()).isEmpty();
            assertSoundFor(path);
            assertSoundForSgdisk(path);
        }

        @Test
        void theBackupMovesToTheEndOfAGrownDisk() throws IOException {
            Path path = aGpt();
            List<Partition> partitions = read(path, 512).partitions();
            resize(path, SIZE + 10 * MIB + 512);
            Gpt grown = (Gpt) read(path, 512);
            assertThat(grown.findings())
                    .extracting(Finding::severity)
                    .containsExactly(Finding.Severity.WARNING, Finding.Severity.INFO);
            write(path, grown.fittedTo(SIZE + 10 * MIB + 512));
            assertThat(read(path, 512).partitions()).isEqualTo(partitions);
            assertThat(read(path, 512).findings()).isEmpty();
            assertSoundFor(path);
            assertSoundForSgdisk(path);
        }

        @Test
        void theBackupMovesToTheEndOfAShrunkDisk() throws IOException {
            Path path = aGpt();
            List<Partition> partitions = read(path, 512).partitions();
            resize(path, 20 * MIB);
            Gpt shrunk = (Gpt) read(path, 512);
            assertThat(shrunk.isSound()).isTrue();
            assertThat(shrunk.minimumDiskSize()).isLessThanOrEqualTo(20 * MIB);
            write(path, shrunk.fittedTo(20 * MIB));
            assertThat(read(path, 512).partitions()).isEqualTo(partitions);
            assertThat(read(path, 512).findings()).isEmpty();
            assertSoundFor(path);
            assertSoundForSgdisk(path);
        }

        @Test
        void newIdsAreReadByOthers() throws IOException {
            Path path = aGpt();
            Gpt before = (Gpt) read(path, 512);
            Gpt renewed = before.withNewIds(new Random(SEED));
            write(path, renewed);
            assertThat(renewed.id()).isNotEqualTo(before.id());
            assertThat(renewed.partitions())
                    .extracting(Partition::id)
                    .doesNotHaveDuplicates()
                    .doesNotContainAnyElementsOf(
                            before.partitions().stream().map(Partition::id).toList());
            assertTheyRead(path, renewed);
            assertSoundForSgdisk(path);
        }
    }

    /** The programs take the size of a sector from the kernel, so these disks are loop devices. */
    @Nested
    @Tag("root")
    class SectorsOf4096Bytes {
        private void onLoopDevice(Path path, Consumer<Path> work) {
            try (LoopDevice loop = LoopDevice.attach(path, "--sector-size", 4096)) {
                work.accept(loop.path());
                Oracle.of("blockdev").run("--flushbufs", loop.path());
            }
        }

        @Test
        void bothProgramsReadAGptOfOurs() throws IOException {
            Path path = disk();
            PartitionTable table = PartitionLayout.gpt()
                    .sectorSize(4096)
                    .add(PartitionSpec.ofSize("efi", 4 * MIB).named("EFI system"))
                    .add(PartitionSpec.rest("linux"))
                    .build()
                    .tableFor(SIZE, 512, new Random(SEED));
            write(path, table);
            onLoopDevice(path, loop -> {
                assertTheyRead(loop, table);
                assertSoundForSgdisk(loop);
            });
            assertThat(table.partitions().get(0).diskOffset()).isEqualTo(MIB);
        }

        @Test
        void sfdiskReadsAnMbrOfOurs() throws IOException {
            Path path = disk();
            PartitionTable table = PartitionLayout.mbr()
                    .sectorSize(4096)
                    .add(PartitionSpec.ofSize("linux", 4 * MIB))
                    .add(PartitionSpec.ofSize("linux", 4 * MIB).logical())
                    .add(PartitionSpec.rest("linux").logical())
                    .build()
                    .tableFor(SIZE, 512, new Random(SEED));
            write(path, table);
            onLoopDevice(path, loop -> assertTheyRead(loop, table));
            assertThat(read(path, 4096).partitions()).isEqualTo(table.partitions());
        }

        @Test
        void theirTablesAreReadAsTheyReadThem() throws IOException {
            Path path = disk();
            List<Sfdisk.Row> theirs = new ArrayList<>();
            onLoopDevice(path, loop -> {
                Oracle.of("sgdisk").run("-n", "1:0:+3M", "-c", "1:one", "-n", "3:0:0", loop);
                theirs.addAll(Sfdisk.partitions(loop));
            });
            PartitionTable gpt = read(path, 4096);
            assertThat(gpt.findings()).isEmpty();
            assertThat(Sfdisk.rows(gpt)).isEqualTo(theirs).hasSize(2);

            theirs.clear();
            onLoopDevice(path, loop -> {
                Oracle.of("sgdisk").run("--zap-all", loop);
                Sfdisk.write(loop, "label: dos\nsize=3M, type=7\ntype=E\nsize=4M\nsize=5M\n");
                theirs.addAll(Sfdisk.partitions(loop));
            });
            PartitionTable mbr = read(path, 4096);
            assertThat(mbr.findings()).isEmpty();
            assertThat(Sfdisk.rows(mbr)).isEqualTo(theirs).hasSize(4);
        }

        @Test
        void aDamagedCopyIsRepairedAndAGrownDiskUsed() throws IOException {
            Path path = disk();
            onLoopDevice(path, loop -> Oracle.of("sgdisk").run("-n", "1:0:+3M", loop));
            damage(path, 4096 + 20);
            resize(path, SIZE + 8 * MIB);
            byte[] bytes = Files.readAllBytes(path);
            Gpt damaged = (Gpt) PartitionTables.read(MemoryDevice.over(bytes, 4096));
            assertThat(damaged.partitions()).hasSize(1);
            write(path, damaged.fittedTo(SIZE + 8 * MIB));
            assertThat(read(path, 4096).findings()).isEmpty();
            onLoopDevice(path, loop -> {
                assertSoundFor(loop);
                assertSoundForSgdisk(loop);
            });
        }
    }
}
