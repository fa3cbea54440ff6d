package io.platter.filesystem.exfat;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExFatTest {
    private static final int VOLUME_FLAGS = 106;

    @TempDir
    Path directory;

    private Path formatted(String options, long kilobytes) throws IOException {
        Path image = directory.resolve("image");
        FileDevice.create(image, kilobytes * 1024L).close();
        Oracle.of("mkfs.exfat")
                .run(Stream.of(Stream.of("-L", "A label"), Stream.of(options.split(" ")), Stream.of(image))
                        .flatMap(each -> each)
                        .toArray());
        return image;
    }

    private static void populate(Path image, int files, int largest) throws IOException {
        try (Mount mount = Mount.writable(image, "exfat-fuse", "")) {
            FileTree.populate(mount.directory(), 3, files, largest, FileTree.Kind.PLAIN);
        }
    }

    private static SurvivalProof proof() {
        return new SurvivalProof(new ExFat(), "exfat-fuse")
                .check(image -> Oracle.of("fsck.exfat").run("-n", image));
    }

    private static AllocationMap map(Path image) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            return new ExFat().map(device).orElseThrow();
        }
    }

    private static BootSector boot(BlockDevice device) throws IOException {
        return BootSector.read(device).orElseThrow();
    }

    private static long freeClusters(Path image) {
        String report = Oracle.of("dump.exfat").run(image);
        Matcher matcher = Pattern.compile("Free Clusters:\\s+(\\d+)").matcher(report);
        assertThat(matcher.find()).as(report).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    @Tag("root")
    @ParameterizedTest
    @CsvSource({
        "-c 512, 12000, 512",
        "-c 4K, 30001, 4096",
        "-c 4K --pack-bitmap, 30000, 4096",
        "-c 128K, 60000, 131072",
        "-c 1M -b 4M, 90000, 1048576"
    })
    void onlyWhatTheMapLeavesOutMayBeLost(String options, int kilobytes, int clusterSize) throws IOException {
        Path image = formatted(options, kilobytes);
        populate(image, clusterSize > 65536 ? 10 : 60, 100_000);

        AllocationMap map = proof().of(image);

        assertThat(map.filesystem()).isEqualTo("exfat");
        assertThat(map.label()).isEqualTo("A label");
        assertThat(map.uuid())
                .isEqualTo(Oracle.of("blkid")
                        .run("-p", "-o", "value", "-s", "UUID", image)
                        .strip());
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        assertThat(map.allocationUnit()).isEqualTo(clusterSize);
        assertThat(map.size() - map.used().bytes()).isEqualTo(freeClusters(image) * clusterSize);
    }

    @Tag("root")
    @Test
    void holdsAllThatPartcloneHolds() throws IOException {
        Path image = formatted("-c 4K", 30_000);
        populate(image, 40, 100_000);

        AllocationMap map = map(image);

        ExtentSet theirs = Partclone.used("partclone.exfat", image);
        assertThat(theirs.intersection(map.used())).isEqualTo(theirs);
        assertThat(map.used().bytes() - theirs.bytes()).isLessThan(map.size() / 100);
    }

    @ParameterizedTest
    @CsvSource({"2", "4", "6"})
    void volumeThatIsMountedOrFailingCountsAsUsedWhole(int flags) throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            device.write(ByteBuffer.wrap(new byte[] {(byte) flags}), VOLUME_FLAGS);
        }

        AllocationMap map = map(image);

        assertThat(map.reason()).isEqualTo(Reason.NOT_CLEAN);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.label()).isEqualTo("A label");
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, map.size()));
    }

    @Test
    void changedBootRegionFailsItsChecksum() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            device.write(ByteBuffer.wrap(new byte[] {1}), 3000);

            assertThat(new ExFat().map(device).orElseThrow().reason()).isEqualTo(Reason.CHECKSUM);
        }
    }

    @Test
    void unknownRevisionMakesTheVolumeUsedWhole() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            ExFatSurgery.setRevision(device, 2);

            AllocationMap map = new ExFat().map(device).orElseThrow();

            assertThat(map.reason()).isEqualTo(Reason.UNKNOWN_FEATURE);
            assertThat(map.detail()).isEqualTo("revision 2.0");
        }
    }

    @Test
    void unknownCriticalEntryMakesTheVolumeUsedWhole() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            ExFatSurgery.addRootEntry(device, ByteBuffer.allocate(32).put(0, (byte) 0x86));

            AllocationMap map = new ExFat().map(device).orElseThrow();

            assertThat(map.reason()).isEqualTo(Reason.UNKNOWN_FEATURE);
            assertThat(map.detail()).contains("86");
        }
    }

    @Test
    void clustersOfAnUnknownBenignEntryHaveToBeInTheBitmap() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            ByteBuffer entry = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
            entry.put(0, (byte) 0xA7).putShort(4, (short) 3).putInt(20, 200).putLong(24, 5000);
            ExFatSurgery.addRootEntry(device, entry);

            AllocationMap map = new ExFat().map(device).orElseThrow();

            assertThat(map.reason()).isEqualTo(Reason.DAMAGED);
            assertThat(map.detail()).contains("cluster 200 belongs to a file");
        }
    }

    @Test
    void directoryThatHoldsItselfEndsInAnError() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            ByteBuffer file = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
            ExFatSurgery.addRootEntry(device, file.put(0, (byte) 0x85).put(4, (byte) 0x10));
            ByteBuffer stream = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
            stream.put(0, (byte) 0xC0).put(1, (byte) 3).putLong(24, 4096);
            ExFatSurgery.addRootEntry(device, stream.putInt(20, (int) boot(device).rootCluster));

            AllocationMap map = new ExFat().map(device).orElseThrow();

            assertThat(map.reason()).isEqualTo(Reason.DAMAGED);
            assertThat(map.detail()).contains("the chain from cluster");
        }
    }

    @Test
    void texFatKeepsWhatEitherBitmapCallsUsed() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            BootSector boot = boot(device);
            AllocationMap before = new ExFat().map(device).orElseThrow();
            ExFatSurgery.makeTexFat(device, 500, 600);

            AllocationMap map = new ExFat().map(device).orElseThrow();

            assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
            assertThat(map.used())
                    .isEqualTo(before.used()
                            .union(ExtentSet.of(boot.clusterOffset(500), 4096))
                            .union(ExtentSet.of(boot.clusterOffset(600), 4096)));
        }
    }

    @Test
    void filesystemLargerThanItsVolumeCountsAsTruncated() throws IOException {
        Path image = formatted("-c 4K", 8000);
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map =
                    new ExFat().map(device.slice(0, device.size() - 1024)).orElseThrow();

            assertThat(map.reason()).isEqualTo(Reason.TRUNCATED);
        }
    }

    @Test
    void otherContentIsNotExFat() throws IOException {
        assertThat(new ExFat().map(MemoryDevice.ofSize(100_000))).isEmpty();
        assertThat(new ExFat().map(MemoryDevice.ofSize(100))).isEmpty();
    }

    @Test
    void hugeVolumeIsMappedInLittleMemory() throws IOException {
        Path image = formatted("-c 32K", 2L << 30);

        assertThat(SmallHeap.map(image, 24)).isEqualTo("exfat clean none free " + freeClusters(image));
    }

    @Tag("root")
    @Test
    void damageNeverMakesUsedBytesUnused() throws IOException {
        Path image = formatted("-c 512 -b 4K", 1000);
        try (Mount mount = Mount.writable(image, "exfat-fuse", "")) {
            FileTree.populate(mount.directory(), 3, 8, 20_000, FileTree.Kind.PLAIN);
            Files.delete(mount.directory().resolve("sparse"));
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
        AllocationMap good = map(image);
        assertThat(good.reason()).as(good.detail()).isEqualTo(Reason.NONE);
        byte[] bytes = Files.readAllBytes(image);
        BootSector boot = boot(MemoryDevice.over(bytes));
        DamagedRegions regions = new DamagedRegions(bytes)
                .with(0, 24 * 512)
                .with(boot.activeFatOffset(), 4000)
                .with(boot.clusterOffset(2), 512)
                .with(boot.clusterOffset(boot.rootCluster), 512);
        Damage.Parser parser = regions.parser(device -> MapAssertions.holdsAtLeast(good, new ExFat().map(device)));

        Damage.flips(regions.bytes(), 1, parser);
        Damage.fuzz(regions.bytes(), Long.getLong("test.seed", 5), 1500, parser);
        Damage.truncations(Files.readAllBytes(image), 4096, device -> new ExFat().map(device));
    }
}
