package io.platter.filesystem.f2fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class F2fsDamageTest {
    private static final int BLOCK = 4096;
    private static final int CHECKPOINTS = 512 * BLOCK;
    private static final int SECOND_CHECKPOINT = 1024 * BLOCK;
    private static final int TABLE = 1536 * BLOCK;

    @TempDir
    static Path directory;

    private static F2fsImage image;
    private static ExtentSet used;

    @BeforeAll
    static void makeImage() throws IOException {
        Path file = directory.resolve("f2fs.img");
        FileDevice.create(file, 96 << 20).close();
        Oracle.of("mkfs.f2fs").run("-q", "-O", "extra_attr,sb_checksum", file);
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.write(source.resolve("file"), new byte[300_000]);
        Oracle.of("sload.f2fs").run("-f", source, file);
        image = F2fsImage.read(file);
        AllocationMap map = map(image.bytes);
        assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
        used = map.used();
    }

    /** The superblock and the checkpoints have checksums; the few bytes after the superblock's do not matter. */
    @Test
    void noByteIsLeftOutBecauseSomethingWithAChecksumIsDamaged() {
        F2fsImage copy = image.copy();
        for (int from : new int[] {0, BLOCK, CHECKPOINTS, SECOND_CHECKPOINT}) {
            for (int at = from; at < from + BLOCK; at += 3) {
                attempt(copy.bytes, at);
            }
        }
    }

    private static void attempt(byte[] bytes, int at) {
        bytes[at] ^= (byte) 0xFF;
        try {
            new F2fs().map(MemoryDevice.over(bytes)).ifPresent(map -> {
                ExtentSet expected = map.reason() == Reason.NONE ? used : ExtentSet.of(0, bytes.length);
                assertThat(map.used()).isEqualTo(expected);
            });
        } catch (IOException e) {
            throw new AssertionError("byte " + at + " inverted", e);
        } finally {
            bytes[at] ^= (byte) 0xFF;
        }
    }

    @Test
    void aTableThatDoesNotAddUpMakesAllUsed() throws IOException {
        F2fsImage copy = image.copy();
        for (int bit = 0; bit < 8; bit++) {
            copy.bytes[TABLE + 2] ^= (byte) (1 << bit);
            assertThat(map(copy.bytes).reason()).isEqualTo(Reason.DAMAGED);
            copy.bytes[TABLE + 2] ^= (byte) (1 << bit);
        }
        Arrays.fill(copy.bytes, TABLE, TABLE + BLOCK, (byte) 0);
        assertThat(map(copy.bytes).reason()).isEqualTo(Reason.DAMAGED);
    }

    @Test
    void anyDamageEndsInOrder() {
        Damage.truncations(image.bytes, 3_000_017, F2fsDamageTest::parse);
        Damage.flips(image.bytes, 300_007, F2fsDamageTest::parse);
    }

    /** The table has no checksums, so damage may shift what is used there; it must end, and in order. */
    @Test
    void randomDamageOfTheMetadataEndsInOrder() throws IOException {
        Random random = new Random(Long.getLong("test.seed", 9));
        int[] blocks = {0, BLOCK, CHECKPOINTS, CHECKPOINTS + BLOCK, SECOND_CHECKPOINT, TABLE};
        for (int round = 0; round < 1500; round++) {
            int block = blocks[random.nextInt(blocks.length)];
            byte[] before = Arrays.copyOfRange(image.bytes, block, block + BLOCK);
            for (int i = 0; i <= random.nextInt(4); i++) {
                image.bytes[block + random.nextInt(BLOCK)] = (byte) (random.nextBoolean() ? -1 : random.nextInt());
            }
            image.sealAll();
            parse(MemoryDevice.over(image.bytes));
            System.arraycopy(before, 0, image.bytes, block, BLOCK);
            image.sealAll();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x8, 0x10, 0x800, 0x1000, 0x2000, 0x4000})
    void aCheckpointThatAsksForARepairMakesAllUsed(int flag) throws IOException {
        F2fsImage copy = image.copy();
        copy.changeFlags(0, flag);
        assertDirty(copy, Reason.NOT_CLEAN);
    }

    @Test
    void aFilesystemThatWasNotUnmountedIsUsedWhole() throws IOException {
        F2fsImage copy = image.copy();
        copy.changeFlags(Checkpoint.UNMOUNTED, 0);
        assertDirty(copy, Reason.NOT_CLEAN);
    }

    @Test
    void aNodeThatWaitsForRecoveryMakesAllUsed() throws IOException {
        F2fsImage copy = image.copy();
        copy.addNodeToRecover();
        assertDirty(copy, Reason.JOURNAL_DIRTY);
    }

    private static void assertDirty(F2fsImage damaged, Reason reason) throws IOException {
        AllocationMap map = map(damaged.bytes);
        assertThat(map.reason()).isEqualTo(reason);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, damaged.bytes.length));
    }

    @Test
    void unknownFeaturesAndZonedDevicesMakeAllUsed() throws IOException {
        F2fsImage copy = image.copy();
        for (int bit = 0; bit < 32; bit++) {
            copy.setFeatures(1 << bit);
            Reason reason = map(copy.bytes).reason();
            boolean isKnown = bit < 15 && bit != 1;
            if (1 << bit == 0x800) {
                assertThat(reason).isEqualTo(Reason.CHECKSUM);
            } else {
                assertThat(reason).as("bit %d", bit).isEqualTo(isKnown ? Reason.NONE : Reason.UNKNOWN_FEATURE);
            }
        }
    }

    private static AllocationMap map(byte[] bytes) throws IOException {
        return new F2fs().map(MemoryDevice.over(bytes)).orElseThrow();
    }

    private static void parse(BlockDevice device) throws IOException {
        new F2fs().map(device).ifPresent(map -> assertThat(map.size()).isEqualTo(device.size()));
    }
}
