package io.platter.filesystem.fat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.Filesystems;
import io.platter.filesystem.kit.DamagedRegions;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.MapAssertions;
import io.platter.filesystem.kit.Partclone;
import io.platter.filesystem.kit.SmallHeap;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FatTest {
    @TempDir
    Path directory;

    /** Makes a volume of files that lie in pieces, among them what deleted ones left. */
    private Path populated(String options, int kilobytes, int largest) throws IOException {
        Path image = formatted(options, kilobytes);
        for (String tree : new String[] {"old", "new", "last"}) {
            Path source = Files.createDirectory(directory.resolve(tree));
            FileTree.populate(source, tree.hashCode(), 12, largest, FileTree.Kind.PLAIN);
            Files.delete(source.resolve("sparse"));
            Oracle.of("mcopy").run("-s", "-Q", "-i", image, source, "::/");
            if (tree.equals("new")) {
                Oracle.of("mdeltree").run("-i", image, "::/old");
            }
        }
        return image;
    }

    private Path formatted(String options, long kilobytes) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        FileDevice.create(image, kilobytes * 1024L).close();
        Object[] arguments = Stream.concat(Stream.of(options.split(" ")), Stream.of("-n", "A LABEL", "-i", "89abcdef"))
                .toArray();
        Object[] all = Stream.concat(Stream.of(arguments), Stream.of(image)).toArray();
        Oracle.of("mkfs.vfat").run(all);
        return image;
    }

    private SurvivalProof proof() {
        return new SurvivalProof(new Fat(), this::read)
                .check(image -> Oracle.of("fsck.fat").run("-n", image));
    }

    private SortedMap<String, String> read(Path image) throws IOException {
        Path target = Files.createTempDirectory(directory, "tree");
        Oracle.of("mcopy").run("-s", "-m", "-Q", "-i", image, "::/*", target);
        SortedMap<String, String> tree = new TreeMap<>(FileTree.list(target));
        // mtools gives directories the time of the copy.
        tree.replaceAll((path, text) -> Files.isDirectory(target.resolve(path)) ? "directory" : text);
        return tree;
    }

    private static long clustersUsed(Path image) {
        String report = Oracle.of("fsck.fat").run("-n", "-v", image);
        Matcher matcher = Pattern.compile("(\\d+)/\\d+ clusters").matcher(report);
        assertThat(matcher.find()).as(report).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static void patch(Path image, long offset, int... bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            for (int each : bytes) {
                file.write(each);
            }
        }
    }

    private static BootSector boot(Path image) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            return BootSector.read(device).orElseThrow();
        }
    }

    private static AllocationMap map(Path image) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            return new Fat().map(device).orElseThrow();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fat12, -F 12 -s 1, 2000",
        "fat12, -F 12 -s 8 -r 64, 9000",
        "fat12, -F 12 -S 4096 -s 1, 8000",
        "fat12, -F 12 -f 1, 1440",
        "fat16, -F 16 -s 1, 8000",
        "fat16, -F 16 -s 4 -S 1024, 30000",
        "fat16, -F 16 -S 4096 -s 1 -f 1, 34000",
        "fat32, -F 32 -s 1, 34000",
        "fat32, -F 32 -s 1 -S 1024 -f 1 -R 8, 67001",
    })
    void onlyWhatTheMapLeavesOutMayBeLost(String name, String options, int kilobytes) throws IOException {
        Path image = populated(options, kilobytes, 60_000);

        AllocationMap map = proof().of(image);

        assertThat(map.filesystem()).isEqualTo(name);
        assertThat(map.label()).isEqualTo("A LABEL");
        assertThat(map.uuid()).isEqualTo("89AB-CDEF");
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        BootSector boot = boot(image);
        assertThat(map.allocationUnit()).isEqualTo(boot.clusterSize());
        long outside = map.size() - boot.clusters * boot.clusterSize();
        assertThat(map.used().bytes()).isEqualTo(outside + clustersUsed(image) * boot.clusterSize());
    }

    @Test
    void holdsAllThatPartcloneHolds() throws IOException {
        Path image = populated("-F 32 -s 1", 34_000, 100_000);

        AllocationMap map = map(image);

        assertThat(Partclone.used("partclone.fat", image).complement(0, map.size()))
                .isEqualTo(map.used().complement(0, map.size()));
    }

    @ParameterizedTest
    @CsvSource({"-F 12, 2000", "-F 16 -s 1, 8000", "-F 32 -s 1, 34000"})
    void badClustersCountAsUsed(String options, int kilobytes) throws IOException {
        Path image = formatted(options, kilobytes);
        Path list = directory.resolve("bad");
        Files.writeString(list, "1500\n1501\n");
        Oracle.of("mkfs.vfat")
                .run(Stream.concat(Stream.of(options.split(" ")), Stream.of("-l", list, image))
                        .toArray());

        AllocationMap map = map(image);

        assertThat(map.reason()).isEqualTo(Reason.NONE);
        assertThat(map.used().contains(1500 * 1024, 2048)).isTrue();
        assertThat(map.used().intersects(1490 * 1024, 4096)).isFalse();
    }

    @Test
    void highBitsOfFat32EntriesMeanNothing() throws IOException {
        Path image = populated("-F 32 -s 1", 34_000, 20_000);
        AllocationMap before = map(image);
        BootSector boot = boot(image);
        for (int fat = 0; fat < 2; fat++) {
            patch(image, boot.fatOffset(fat) + 4L * (boot.clusters - 5) + 3, 0xA0);
            patch(image, boot.fatOffset(fat) + 4L * boot.rootCluster + 3, 0xFF);
        }

        assertThat(map(image).used()).isEqualTo(before.used());
    }

    @Test
    void withoutMirroringOnlyTheActiveFatCounts() throws IOException {
        Path image = populated("-F 32 -s 1", 34_000, 20_000);
        AllocationMap before = map(image);
        BootSector boot = boot(image);
        patch(image, boot.fatOffset(0) + 100, new int[2000]);
        assertThat(map(image).reason()).isEqualTo(Reason.DAMAGED);

        patch(image, 40, 0x81);

        assertThat(map(image).used()).isEqualTo(before.used());
    }

    @Test
    void typeFollowsFromTheNumberOfClustersNotFromTheText() throws IOException {
        Path image = formatted("-F 12", 2000);
        patch(image, 54, 'F', 'A', 'T', '1', '6');

        assertThat(map(image).filesystem()).isEqualTo("fat12");
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "-F 12, 2000, false, 37, 0x01",
        "-F 16 -s 1, 8000, false, 37, 0x02",
        "-F 32 -s 1, 34000, false, 65, 0x01",
        "-F 16 -s 1, 8000, true, 3, 0x7F",
        "-F 16 -s 1, 8000, true, 3, 0xBF",
        "-F 32 -s 1, 34000, true, 7, 0x07",
        "-F 32 -s 1, 34000, true, 7, 0x0B"
    })
    void volumeThatIsMountedCountsAsUsedWhole(String options, int kilobytes, boolean inFat, int offset, String value)
            throws IOException {
        Path image = formatted(options, kilobytes);
        BootSector boot = boot(image);
        patch(image, (inFat ? boot.fatOffset(0) : 0) + offset, Integer.decode(value));

        AllocationMap map = map(image);

        assertThat(map.reason()).isEqualTo(Reason.NOT_CLEAN);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.label()).isEqualTo("A LABEL");
        assertThat(map.used().bytes()).isEqualTo(map.size());
    }

    /** mtools takes such a volume for FAT12, as the specification has it; Linux, Windows and UEFI don't. */
    @ParameterizedTest
    @CsvSource({"-s 8 -S 2048 -f 1", "-S 4096 -s 2", "-S 512 -s 128"})
    void volumeWithoutSixteenBitSizeIsFat32HoweverSmall(String options) throws IOException {
        Path image = formatted("-F 32 " + options, 30_001);
        BootSector boot = boot(image);

        AllocationMap map = map(image);

        assertThat(map.filesystem()).isEqualTo("fat32");
        assertThat(map.reason()).isEqualTo(Reason.NONE);
        long outside = map.size() - boot.clusters * boot.clusterSize();
        assertThat(map.used().bytes()).isEqualTo(outside + clustersUsed(image) * boot.clusterSize());
    }

    @Test
    void linkToFreeClusterCountsAsDamage() throws IOException {
        Path image = formatted("-F 16 -s 1", 8000);
        for (int fat = 0; fat < 2; fat++) {
            patch(image, boot(image).fatOffset(fat) + 2 * 100, 200, 0);
        }

        assertThat(map(image).reason()).isEqualTo(Reason.DAMAGED);
        assertThat(map(image).detail()).contains("FAT entry 100 is c8");
    }

    @Test
    void filesystemLargerThanItsVolumeCountsAsTruncated() throws IOException {
        Path image = formatted("-F 16 -s 1", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            BlockDevice start = device.slice(0, device.size() - 1024);

            AllocationMap map = new Fat().map(start).orElseThrow();

            assertThat(map.reason()).isEqualTo(Reason.TRUNCATED);
            assertThat(map.used().bytes()).isEqualTo(start.size());
        }
    }

    @Test
    void backupOfTheBootSectorMustNotContradict() throws IOException {
        Path image = formatted("-F 32 -s 1", 34_000);
        patch(image, 6 * 512 + 14, 99);

        assertThat(map(image).detail()).contains("backup");
        assertThat(map(image).reason()).isEqualTo(Reason.DAMAGED);
    }

    /** Source of the identifiers: dislocker, INFORMATION_OFFSET_GUID and EOW_INFORMATION_OFFSET_GUID. */
    @ParameterizedTest
    @ValueSource(strings = {"3bd66749292ed84a8399f6a339e3d001", "3b4da89280dd0e4d9e4eb1e3284eaed8"})
    void encryptedVolumeThatShowsAFatIsOpaque(String identifier) throws IOException {
        Path image = formatted("-F 32 -s 1", 34_000);
        byte[] bytes = HexFormat.of().parseHex(identifier);
        for (int i = 0; i < bytes.length; i++) {
            patch(image, 424 + i, bytes[i]);
        }

        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(device);
            assertThat(map.filesystem()).isEqualTo("bitlocker");
            assertThat(map.reason()).isEqualTo(Reason.OPAQUE);
            assertThat(map.used().bytes()).isEqualTo(map.size());
        }
    }

    /** Õ is E5 in code page 850, which in a directory stands for a deleted entry; 05 stands in its place then. */
    @ParameterizedTest
    @CsvSource({"-F 12, 2000", "-F 16 -s 1, 8000", "-F 32 -s 1, 34000"})
    void labelIsInTheCodePageThatMtoolsTakes(String options, int kilobytes) throws IOException {
        Path image = formatted(options, kilobytes);
        Oracle.of("bash").run("-c", "LC_ALL=C.UTF-8 mlabel -i " + image + " $'::\\xc3\\x95\\xc3\\x85 \\xc3\\x87'");

        AllocationMap map = map(image);

        String theirs = Oracle.of("blkid").run("-p", "-o", "value", "-s", "LABEL", image);
        assertThat(map.label()).isEqualTo("ÕÅ Ç");
        assertThat(map.label().getBytes(Charset.forName("IBM850")))
                .isEqualTo(theirs.stripTrailing().getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void labelIsFoundInAnyClusterOfTheRootDirectory() throws IOException {
        Path image = formatted("-F 32 -s 1", 34_000);
        patch(image, boot(image).rootOffset(), 0xE5);
        for (int i = 0; i < 40; i++) {
            Path file = Files.write(directory.resolve("file" + i), new byte[0]);
            Oracle.of("mcopy").run("-i", image, file, "::/");
        }
        Oracle.of("fatlabel").run(image, "FURTHER ON");
        assertThat(map(image).label()).isEqualTo("FURTHER ON");
    }

    @Test
    void numberOfFreeClustersMustBeThatOfFsInfo() throws IOException {
        Path image = populated("-F 32 -s 1", 34_000, 20_000);
        patch(image, 512 + 488, 1, 2, 0, 0);
        assertThat(map(image).reason()).isEqualTo(Reason.DAMAGED);
        assertThat(map(image).detail()).contains("expected 513");
        patch(image, 512 + 488, 0xFF, 0xFF, 0xFF, 0xFF);
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
    }

    @Test
    void otherContentIsNotFat() throws IOException {
        assertThat(new Fat().map(MemoryDevice.ofSize(100_000))).isEmpty();
        assertThat(new Fat().map(MemoryDevice.ofSize(100))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"-F 12 -s 1, 160", "-F 12 -s 1 -S 4096, 400"})
    void damageNeverMakesUsedBytesUnused(String options, int kilobytes) throws IOException {
        Path image = formatted(options, kilobytes);
        Path file = directory.resolve("file");
        Files.write(file, new byte[20_000]);
        Oracle.of("mcopy").run("-i", image, file, "::/");
        AllocationMap good = map(image);
        BootSector boot = boot(image);
        int fatLength = (int) boot.fatBytes();
        DamagedRegions regions = new DamagedRegions(Files.readAllBytes(image))
                .with(0, 512)
                .with(boot.fatOffset(0), fatLength)
                .with(boot.fatOffset(1), fatLength)
                .with(boot.rootOffset(), 128);
        Damage.Parser parser = regions.parser(device -> MapAssertions.holdsAtLeast(good, new Fat().map(device)));

        Damage.flips(regions.bytes(), 1, parser);
        Damage.fuzz(regions.bytes(), Long.getLong("test.seed", 7), 3000, parser);
        Damage.truncations(Files.readAllBytes(image), 512, device -> new Fat().map(device));
    }

    @Test
    void hugeVolumeIsMappedInLittleMemory() throws IOException {
        Path image = formatted("-F 32 -S 4096 -s 128 -f 1", 2L << 30);

        long free = boot(image).clusters - clustersUsed(image);
        assertThat(SmallHeap.map(image, 24)).isEqualTo("fat32 clean none free " + free);
    }

    @Test
    void numbersThatContradictEachOtherAreRefused() throws IOException {
        Path image = formatted("-F 16 -s 1", 8000);
        patch(image, 22, 1, 0);

        assertThatThrownBy(() -> map(image))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("FAT of 1 sectors, too small");
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            assertThat(Filesystems.probe(device).reason()).isEqualTo(Reason.DAMAGED);
        }
    }
}
