package io.platter.filesystem.hfsplus;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.filesystem.Filesystems;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.FileTree.Kind;
import io.platter.filesystem.kit.GrubMount;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class HfsPlusTest {
    private static final int TOTAL_BLOCKS = 70_000;
    private static final Pattern UNALLOCATED = Pattern.compile("(?m)^(\\d+)\\|f$");

    @TempDir
    static Path directory;

    private static Path source;
    private static HfsPlusImage volume;

    @BeforeAll
    static void makeVolume() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
        FileTree.populate(source, 5, 40, 300_000, Kind.PLAIN);
        volume = HfsPlusImage.of(source, directory).grow(TOTAL_BLOCKS);
    }

    @Test
    void aVolumeWithoutAFreeBlockIsUsedWholeWithoutAReason() throws IOException {
        AllocationMap map = prove(HfsPlusImage.of(source, directory));
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, map.size()));
    }

    @Test
    void allThatIsLeftOutMayBeGarbageThoughTheAllocationFileIsInPieces() throws IOException {
        AllocationMap map = prove(volume);
        assertThat(map.used()).isEqualTo(theirs(directory.resolve("hfsplus.img")));
        assertThat(map.label()).isEqualTo("LABEL");
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        assertThat(map.used().bytes()).isLessThan(map.size() / 3);
    }

    @Test
    void hfsxDiffersInItsNameOnly() throws IOException {
        AllocationMap map = prove(volume.copy().extended());
        assertThat(map.used()).isEqualTo(map(volume).used());
        assertThat(map.filesystem()).isEqualTo("hfsx");
    }

    @Test
    void allOfTheWrapperIsUsed() throws IOException {
        int before = 64 << 10;
        AllocationMap map = prove(volume.wrapped(before, 8192));
        assertThat(map.used())
                .isEqualTo(ExtentSet.builder()
                        .add(0, before)
                        .addAll(map(volume).used(), before)
                        .add(map.size() - 8192, 8192)
                        .build());
    }

    @Test
    void theUuidIsTheOneThatOthersShow() throws IOException {
        HfsPlusImage named = volume.copy().withId(0x0123456789ABCDEFL);
        Path image = directory.resolve("named.img");
        named.write(image);
        assertThat(map(named).uuid())
                .isEqualTo(Oracle.of("blkid")
                        .run("-p", "-o", "value", "-s", "UUID", image)
                        .strip());
        Files.delete(image);
    }

    @Test
    void aJournalWithNothingInItIsNoObstacle() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            assertThat(map(volume.copy().withJournal(512, 512, order)).reason()).isEqualTo(Reason.NONE);
            assertWhole(volume.copy().withJournal(512, 1024, order), Reason.JOURNAL_DIRTY);
        }
    }

    @Test
    void aVolumeThatWasNotUnmountedOrIsInconsistentIsUsedWhole() throws IOException {
        assertWhole(volume.copy().withAttributes(1 << 8, 0), Reason.NOT_CLEAN);
        assertWhole(volume.copy().withAttributes(0, 1 << 11), Reason.NOT_CLEAN);
    }

    private static void assertWhole(HfsPlusImage image, Reason reason) throws IOException {
        AllocationMap map = map(image);
        assertThat(map.reason()).isEqualTo(reason);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, image.bytes.length));
    }

    @Test
    void aBlockOfASpecialFileMustNotBeFree() throws IOException {
        HfsPlusImage small = HfsPlusImage.of(source, directory);
        AllocationMap map = map(small.withFree(small.extentsFile()));
        assertThat(map.reason()).isEqualTo(Reason.DAMAGED);
        assertThat(map.detail()).contains("a special file or the journal");
    }

    /** The bits have no checksums, but their sum is known: one that is lost does not get by. */
    @Test
    void aBitThatIsLostMakesAllUsed() throws IOException {
        ExtentSet used = map(volume).used();
        HfsPlusImage copy = volume.copy();
        int found = 0;
        for (int at = 0; at < 4 << 20; at += HfsPlusImage.BLOCK) {
            copy.bytes[at] ^= 0x10;
            AllocationMap map = orWhole(copy);
            assertThat(map.used()).isIn(used, ExtentSet.of(0, copy.bytes.length));
            found += map.reason() == Reason.DAMAGED ? 1 : 0;
            copy.bytes[at] ^= 0x10;
        }
        assertThat(found).isGreaterThan(16);
    }

    @Test
    void anyDamageEndsInOrder() {
        Damage.truncations(volume.bytes, 500_009, HfsPlusTest::parse);
        Damage.fuzz(volume.bytes, Long.getLong("test.seed", 10), 300, HfsPlusTest::parse);
    }

    @Test
    void damageOfTheHeaderAndTheTreeEndsInOrder() throws IOException {
        long seed = Long.getLong("test.seed", 11);
        Random random = new Random(seed);
        HfsPlusImage copy = volume.copy();
        int tree = 16 + HfsPlusImage.of(source, directory).bytes.length;
        for (int round = 0; round < 3000; round++) {
            int from = random.nextBoolean() ? 1024 : tree - 16 + 10 * 512;
            int at = from + random.nextInt(random.nextBoolean() ? 512 : 2048);
            byte before = copy.bytes[at];
            copy.bytes[at] = (byte) (random.nextInt(3) == 0 ? -1 : random.nextInt());
            assertThat(orWhole(copy).size())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(copy.bytes.length);
            copy.bytes[at] = before;
        }
    }

    @Test
    void otherBytesAreNotHfsPlus() throws IOException {
        assertThat(new HfsPlus().map(MemoryDevice.ofSize(0))).isEmpty();
        assertThat(new HfsPlus().map(MemoryDevice.ofSize(1 << 20))).isEmpty();
    }

    /** The kernel here can't mount HFS+, and there is no check for it: the tree is read by GRUB, and by the Sleuth Kit. */
    private static AllocationMap prove(HfsPlusImage image) throws IOException {
        Path file = directory.resolve("hfsplus.img");
        image.write(file);
        AllocationMap map = new SurvivalProof(new HfsPlus(), GrubMount::list)
                .check(checked -> Oracle.of("fsstat").run("-f", "hfs", checked))
                .of(file);
        assertThat(GrubMount.list(file)).isEqualTo(GrubMount.contents(source));
        return map;
    }

    /** Returns what the Sleuth Kit does not list as unallocated. */
    private static ExtentSet theirs(Path image) throws IOException {
        ExtentSet.Builder unallocated = ExtentSet.builder();
        UNALLOCATED
                .matcher(Oracle.of("blkls").run("-f", "hfs", "-l", image))
                .results()
                .forEach(block ->
                        unallocated.add(Long.parseLong(block.group(1)) * HfsPlusImage.BLOCK, HfsPlusImage.BLOCK));
        return unallocated.build().complement(0, Files.size(image));
    }

    private static AllocationMap map(HfsPlusImage image) throws IOException {
        return new HfsPlus().map(MemoryDevice.over(image.bytes)).orElseThrow();
    }

    private static AllocationMap orWhole(HfsPlusImage image) throws IOException {
        return Filesystems.probe(MemoryDevice.over(image.bytes));
    }

    private static void parse(BlockDevice device) throws IOException {
        new HfsPlus().map(device).ifPresent(map -> assertThat(map.size()).isEqualTo(device.size()));
    }
}
