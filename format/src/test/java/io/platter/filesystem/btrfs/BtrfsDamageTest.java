package io.platter.filesystem.btrfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class BtrfsDamageTest {
    private static final int NODE_SIZE = 4096;
    private static final int SUPERBLOCK = 64 << 10;
    private static final int SUPERBLOCK_SIZE = 4096;
    private static final int READ_ONLY_FEATURES = SUPERBLOCK + 0xB4;
    private static final int FEATURES = SUPERBLOCK + 0xBC;

    private static byte[] image;
    private static ExtentSet used;

    @BeforeAll
    static void readImage() throws IOException {
        try (InputStream in = new GZIPInputStream(Objects.requireNonNull(
                BtrfsDamageTest.class.getResourceAsStream("/filesystem/btrfs-block-group-tree.img.gz")))) {
            image = in.readAllBytes();
        }
        AllocationMap map = map(MemoryDevice.over(image));
        assertThat(map.reason()).isEqualTo(Reason.NONE);
        used = map.used();
    }

    @Test
    void noByteIsLeftOutBecauseAnotherOneIsDamaged() {
        Damage.flips(image, 4093, BtrfsDamageTest::parse);
    }

    @Test
    void noByteIsLeftOutBecauseTheSuperblockIsDamaged() {
        for (int at = SUPERBLOCK; at < SUPERBLOCK + SUPERBLOCK_SIZE; at++) {
            flip(at, BtrfsDamageTest::parse);
        }
    }

    @Test
    void noByteIsLeftOutBecauseANodeIsDamaged() {
        int nodes = 0;
        for (int node = 0; node < image.length; node += NODE_SIZE) {
            if (isNode(node)) {
                nodes++;
                for (int at = node; at < node + NODE_SIZE; at += 7) {
                    flip(at, BtrfsDamageTest::parse);
                }
            }
        }
        assertThat(nodes).isGreaterThan(10);
    }

    @Test
    void truncatedVolumesAreUsedWhole() {
        Damage.truncations(image, 100_003, BtrfsDamageTest::parse);
    }

    @Test
    void randomDamageIsFound() {
        Damage.fuzz(image, Long.getLong("test.seed", 7), 1500, BtrfsDamageTest::parse);
    }

    @Test
    void unknownFeaturesMakeAllUsed() throws IOException {
        for (int bit = 0; bit < 64; bit++) {
            boolean isKnown = (bit < 12 && bit != 10) || bit == 16;
            assertThat(reasonWithBit(FEATURES, bit) == Reason.NONE)
                    .as("bit %d", bit)
                    .isEqualTo(isKnown);
            if (bit >= 4) {
                assertThat(reasonWithBit(READ_ONLY_FEATURES, bit)).isEqualTo(Reason.UNKNOWN_FEATURE);
            }
        }
    }

    private static Reason reasonWithBit(int field, int bit) throws IOException {
        byte[] before = Arrays.copyOfRange(image, SUPERBLOCK, SUPERBLOCK + SUPERBLOCK_SIZE);
        image[field + bit / 8] |= (byte) (1 << bit % 8);
        seal(SUPERBLOCK);
        try {
            return map(MemoryDevice.over(image)).reason();
        } finally {
            System.arraycopy(before, 0, image, SUPERBLOCK, SUPERBLOCK_SIZE);
        }
    }

    /** A hostile writer computes the checksums anew: what we find is his word then, but it must end, and in order. */
    @Test
    void damageWithRightChecksumsEnds() throws IOException {
        long seed = Long.getLong("test.seed", 8);
        Random random = new Random(seed);
        int[] blocks = IntStream.range(0, image.length / NODE_SIZE)
                .map(block -> block * NODE_SIZE)
                .filter(at -> at == SUPERBLOCK || isNode(at))
                .toArray();
        for (int round = 0; round < 6000; round++) {
            int block = blocks[random.nextInt(blocks.length)];
            byte[] before = Arrays.copyOfRange(image, block, block + NODE_SIZE);
            for (int i = 0; i <= random.nextInt(3); i++) {
                int at = block + 32 + (random.nextBoolean() ? random.nextInt(400) : random.nextInt(NODE_SIZE - 32));
                image[at] = (byte) (random.nextInt(3) == 0 ? -1 : random.nextInt());
            }
            seal(block);
            try {
                new Btrfs().map(MemoryDevice.over(image));
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", round " + round + ", block at " + block, e);
            } finally {
                System.arraycopy(before, 0, image, block, NODE_SIZE);
            }
        }
    }

    /** Damage either is not met, and the map is as before, or makes all used. */
    private static void parse(BlockDevice device) throws IOException {
        new Btrfs().map(device).ifPresent(map -> {
            if (map.reason() == Reason.NONE) {
                assertThat(map.used()).isEqualTo(used);
            } else {
                assertThat(map.used()).isEqualTo(ExtentSet.of(0, map.size()));
            }
        });
    }

    private static AllocationMap map(BlockDevice device) throws IOException {
        return new Btrfs().map(device).orElseThrow();
    }

    private static boolean isNode(int at) {
        int stored = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
        return at != SUPERBLOCK && used.contains(at, NODE_SIZE) && stored != 0 && stored == checksum(at);
    }

    private static int checksum(int block) {
        CRC32C crc = new CRC32C();
        crc.update(image, block + 32, NODE_SIZE - 32);
        return (int) crc.getValue();
    }

    private static void seal(int block) {
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(block, checksum(block));
    }

    private static void flip(int at, Damage.Parser parser) {
        image[at] ^= (byte) 0xFF;
        try {
            parser.parse(MemoryDevice.over(image));
        } catch (IOException e) {
            throw new AssertionError("byte " + at + " inverted", e);
        } finally {
            image[at] ^= (byte) 0xFF;
        }
    }
}
