package io.platter.filesystem.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.Filesystems;
import io.platter.filesystem.kit.DamagedRegions;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.MapAssertions;
import io.platter.filesystem.kit.Mount;
import io.platter.filesystem.kit.Partclone;
import io.platter.filesystem.kit.SmallHeap;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NtfsTest {
    @TempDir
    Path directory;

    private Path formatted(String options, long kilobytes) throws IOException {
        Path image = directory.resolve("image");
        FileDevice.create(image, kilobytes * 1024L).close();
        Oracle.of("mkfs.ntfs")
                .run(Stream.of(
                                Stream.of("-q", "-Q", "-F", "-L", "A label"),
                                Stream.of(options.split(" ")),
                                Stream.of(image))
                        .flatMap(each -> each)
                        .toArray());
        return image;
    }

    private static void populate(Path image, int files, int largest) throws IOException {
        try (Mount mount = Mount.writable(image, "ntfs-3g", "")) {
            FileTree.populate(mount.directory(), 3, files, largest, FileTree.Kind.PLAIN);
        }
    }

    private static SurvivalProof proof() {
        return new SurvivalProof(new Ntfs(), "ntfs-3g")
                .check(image -> Oracle.of("ntfsfix").run("-n", image));
    }

    private static AllocationMap map(Path image) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            return new Ntfs().map(device).orElseThrow();
        }
    }

    private static void patch(Path image, long offset, int... bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            for (int each : bytes) {
                file.write(each);
            }
        }
    }

    private static long freeClusters(Path image) {
        String report = Oracle.of("ntfscluster").run(image);
        Matcher matcher = Pattern.compile("clusters of free space +: (\\d+)").matcher(report);
        assertThat(matcher.find()).as(report).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static Volume volume(BlockDevice device) throws IOException {
        return new Volume(device, BootSector.read(device).orElseThrow());
    }

    /** Returns where the content of a file starts on the volume, in bytes. */
    private static long firstByte(Path image, long record) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            Volume volume = volume(device);
            long[] first = {-1};
            volume.record(record)
                    .attribute(Attribute.DATA)
                    .orElseThrow()
                    .visitRuns(
                            volume.boot.clusters,
                            (lcn, clusters) -> first[0] = first[0] < 0 ? lcn * volume.boot.clusterSize : first[0]);
            return first[0];
        }
    }

    @Tag("root")
    @ParameterizedTest
    @CsvSource({
        "-c 512, 20001, 512",
        "-c 4096, 40000, 4096",
        "-c 4096 -s 4096, 40000, 4096",
        "-c 65536 -C, 60000, 65536",
        "-c 2097152, 120000, 2097152"
    })
    void onlyWhatTheMapLeavesOutMayBeLost(String options, int kilobytes, int clusterSize) throws IOException {
        Path image = formatted(options, kilobytes);
        populate(image, clusterSize > 65536 ? 10 : 60, 200_000);

        AllocationMap map = proof().of(image);

        assertThat(map.filesystem()).isEqualTo("ntfs");
        assertThat(map.label()).isEqualTo("A label");
        assertThat(map.uuid())
                .isEqualToIgnoringCase(Oracle.of("blkid")
                        .run("-p", "-o", "value", "-s", "UUID", image)
                        .strip());
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        assertThat(map.allocationUnit()).isEqualTo(clusterSize);
        assertThat(map.size() - map.used().bytes()).isEqualTo(freeClusters(image) * clusterSize);
    }

    @Tag("root")
    @Test
    void exceedsWhatPartcloneHoldsByTheCopyOfTheBootSector() throws IOException {
        Path image = formatted("-c 4096", 30_000);
        populate(image, 40, 100_000);

        AllocationMap map = map(image);

        ExtentSet theirs = Partclone.used("partclone.ntfs", image);
        assertThat(theirs.intersection(map.used())).isEqualTo(theirs);
        // The filesystem is a sector smaller than its volume, and its last cluster would reach into that sector.
        assertThat(map.used().intersection(theirs.complement(0, map.size())))
                .isEqualTo(ExtentSet.of(map.size() - 4096, 4096));
    }

    @Tag("root")
    @Test
    void followsAnMftInMorePiecesThanOneRecordCanName() throws IOException {
        Path image = formatted("-c 512", 12_000);
        try (Mount mount = Mount.writable(image, "ntfs-3g", "big_writes")) {
            int files = fill(mount.directory(), "full", 3000);
            for (int i = 0; i < files; i += 2) {
                Files.delete(mount.directory().resolve("full" + i));
            }
            fill(mount.directory(), "empty", 0);
        }
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            assertThat(volume(device).record(0).attribute(Attribute.ATTRIBUTE_LIST))
                    .isPresent();
        }

        AllocationMap map = proof().of(image);

        assertThat(map.size() - map.used().bytes()).isEqualTo(freeClusters(image) * 512);
    }

    /** Makes files until there is no room for more, and returns how many there are. */
    private static int fill(Path root, String name, int size) throws IOException {
        for (int i = 0; ; i++) {
            try {
                Files.write(root.resolve(name + i), new byte[size]);
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
                return i;
            }
        }
    }

    @Test
    void followsABitmapInMorePiecesThanOneRecordCanName() throws IOException {
        Path image = formatted("-c 512", 12_000);
        AllocationMap expected = map(image);

        NtfsSurgery.splitBitmap(image);

        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            assertThat(volume(device).record(6).attribute(Attribute.ATTRIBUTE_LIST))
                    .isPresent();
        }
        assertThat(map(image)).isEqualTo(expected);
        assertThat(expected.size() - expected.used().bytes()).isEqualTo(freeClusters(image) * 512);
    }

    @Test
    void volumeThatIsDirtyCountsAsUsedWhole() throws IOException {
        Path image = formatted("-c 4096", 8000);
        // Without an option the program asks Windows for a check.
        Oracle.of("ntfsfix").run(image);

        AllocationMap map = map(image);

        assertThat(map.reason()).isEqualTo(Reason.NOT_CLEAN);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.label()).isEqualTo("A label");
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, map.size()));
    }

    @ParameterizedTest
    @CsvSource({
        "hibr, 8192, HIBERNATED",
        "HIBR, 8192, HIBERNATED",
        "hibr, 100, HIBERNATED",
        "RSTR, 8192, HIBERNATED",
        "wake, 8192, NONE",
        "'', 8192, NONE",
        "'', 0, NONE"
    })
    void volumeOfASystemThatSleepsCountsAsUsedWhole(String magic, int size, Reason reason) throws IOException {
        Path image = formatted("-c 4096", 8000);
        Path file = directory.resolve("content");
        Files.write(file, Arrays.copyOf(magic.getBytes(StandardCharsets.US_ASCII), size));
        Oracle.of("ntfscp").run("-f", image, file, "hiberfil.sys");

        AllocationMap map = map(image);

        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
        assertThat(map.used().bytes() == map.size()).isEqualTo(reason == Reason.HIBERNATED);
    }

    @Test
    void fileOfThatNameElsewhereIsNobodysSleep() throws IOException {
        Path image = formatted("-c 4096", 8000);
        Path file = directory.resolve("content");
        Files.writeString(file, "hibr");
        Oracle.of("ntfscp").run("-f", image, file, "$Extend/hiberfil.sys");

        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        // version, client in use, flags, log sequence number of the second page, reason
        "1, 0xFFFF, 0, 100, NONE",
        "1, 0, 2, 100, NONE",
        "1, 0, 0, 100, JOURNAL_DIRTY",
        "1, 0, 2, 300, JOURNAL_DIRTY",
        "2, 0xFFFF, 0, 100, JOURNAL_DIRTY",
        "0, 0xFFFF, 0, 100, JOURNAL_DIRTY"
    })
    void logThatMustBeReplayedMakesTheVolumeUsedWhole(
            int version, String client, int flags, long secondLsn, Reason reason) throws IOException {
        Path image = formatted("-c 4096", 8000);
        long log = firstByte(image, 2);
        NtfsSurgery.writeRestartPage(image, log, 200, version, Integer.decode(client), flags);
        NtfsSurgery.writeRestartPage(image, log + 4096, secondLsn, version, 0, 0);

        AllocationMap map = map(image);

        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
    }

    @Test
    void logThatIsNeitherEmptyNorReadableCountsAsDamage() throws IOException {
        Path image = formatted("-c 4096", 8000);
        long log = firstByte(image, 2);
        patch(image, log + 5000, 0);

        assertThat(map(image).reason()).isEqualTo(Reason.DAMAGED);

        NtfsSurgery.writeRestartPage(image, log, 200, 1, 0xFFFF, 2);
        NtfsSurgery.writeRestartPage(image, log + 4096, 200, 1, 0xFFFF, 2);
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
        patch(image, log + 4096 + 1022, 0x55);
        assertThat(map(image).detail()).contains("update sequence number");
    }

    @Test
    void clusterOfAFileThatTheBitmapCallsFreeCountsAsDamage() throws IOException {
        Path image = formatted("-c 4096", 8000);
        Path file = directory.resolve("content");
        Files.write(file, new byte[100_000]);
        Oracle.of("ntfscp").run("-f", image, file, "file");
        long inTheMiddle = firstByte(image, 64) / 4096 + 12;
        patch(image, firstByte(image, 6) + inTheMiddle / 8, 0);

        assertThat(map(image).reason()).isEqualTo(Reason.DAMAGED);
        assertThat(map(image).detail()).contains("MFT record 64 are not in $Bitmap");
    }

    @Test
    void mftThatDiffersFromItsCopyCountsAsDamage() throws IOException {
        Path image = formatted("-c 4096", 8000);
        patch(image, firstByte(image, 1) + 3 * 1024 + 60, 77);

        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(device);
            assertThat(map.reason()).isEqualTo(Reason.DAMAGED);
            assertThat(map.detail()).contains("the MFT differs from its copy");
        }
    }

    @Test
    void bootSectorThatDiffersFromItsCopyCountsAsDamage() throws IOException {
        Path image = formatted("-c 4096", 8000);
        long copy = Files.size(image) - 512;
        assertThat(map(image).used().contains(copy, 512)).isTrue();
        patch(image, copy + 28, 99);
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
        patch(image, copy + 48, 99);

        assertThat(map(image).detail()).contains("the boot sector differs from its copy");
    }

    @ParameterizedTest
    @CsvSource({"3, 2", "4, 0", "2, 0"})
    void unknownVersionMakesTheVolumeUsedWhole(int major, int minor) throws IOException {
        Path image = formatted("-c 4096", 8000);
        NtfsSurgery.setVersion(image, major, minor);

        assertThat(map(image).reason()).isEqualTo(Reason.UNKNOWN_FEATURE);
        assertThat(map(image).detail()).contains("NTFS version " + major + "." + minor);
    }

    @Test
    void filesystemLargerThanItsVolumeCountsAsTruncated() throws IOException {
        Path image = formatted("-c 4096", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            assertThat(new Ntfs()
                            .map(device.slice(0, device.size() - 512))
                            .orElseThrow()
                            .reason())
                    .isEqualTo(Reason.NONE);
            assertThat(new Ntfs()
                            .map(device.slice(0, device.size() - 1024))
                            .orElseThrow()
                            .reason())
                    .isEqualTo(Reason.TRUNCATED);
        }
    }

    @Test
    void otherContentIsNotNtfs() throws IOException {
        assertThat(new Ntfs().map(MemoryDevice.ofSize(100_000))).isEmpty();
        assertThat(new Ntfs().map(MemoryDevice.ofSize(100))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-c 65536", "-c 4096"})
    void hugeVolumeIsMappedInLittleMemory(String options) throws Exception {
        Path image = formatted(options, 2L << 30);

        String map = SmallHeap.map(image, 24);

        assertThat(map).isEqualTo("ntfs clean none free " + freeClusters(image));
    }

    @Test
    void damageNeverMakesUsedBytesUnused() throws IOException {
        Path image = formatted("-c 4096", 1200);
        for (int i = 0; i < 4; i++) {
            Path file = directory.resolve("content");
            Files.write(file, new byte[20_000 * i + 100]);
            Oracle.of("ntfscp").run("-f", image, file, i == 3 ? "hiberfil.sys" : "file" + i);
        }
        AllocationMap good = map(image);
        assertThat(good.reason()).as(good.detail()).isEqualTo(Reason.NONE);
        DamagedRegions regions = new DamagedRegions(Files.readAllBytes(image))
                .with(0, 512)
                .with(firstByte(image, 0), 68 << 10)
                .with(firstByte(image, 1), 4 << 10)
                .with(firstByte(image, 2), 8 << 10)
                .with(firstByte(image, 6), 64);
        Damage.Parser parser = regions.parser(device -> MapAssertions.holdsAtLeast(good, new Ntfs().map(device)));

        Damage.flips(regions.bytes(), 7, parser);
        Damage.fuzz(regions.bytes(), Long.getLong("test.seed", 5), 1500, parser);
        Damage.truncations(Files.readAllBytes(image), 4096, device -> new Ntfs().map(device));
    }
}
