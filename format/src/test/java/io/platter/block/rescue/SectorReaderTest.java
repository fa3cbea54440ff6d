package io.platter.block.rescue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnreadableRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SectorReaderTest {
    private static final int SIZE = 1 << 20;

    private final byte[] content = new byte[SIZE];
    private final BadDisk disk = new BadDisk(MemoryDevice.over(content));

    SectorReaderTest() {
        new Random(1).nextBytes(content);
    }

    @Test
    void goodSectorsAreReadAndBadOnesNamedExactly() throws IOException {
        disk.breakSector(0, 5, Integer.MAX_VALUE);
        disk.breakSector(77, 5, Integer.MAX_VALUE);
        disk.breakSector(78, 5, Integer.MAX_VALUE);
        disk.breakSector(79, 61, Integer.MAX_VALUE);
        disk.breakSector(2047, 5, Integer.MAX_VALUE);
        ByteBuffer target = ByteBuffer.allocate(SIZE + 10).position(4).limit(SIZE + 4);

        List<UnreadableRange> bad = new SectorReader(disk, 0).read(target, 0);

        assertThat(bad)
                .containsExactly(
                        new UnreadableRange(0, 512, 5),
                        new UnreadableRange(77 * 512, 1024, 5),
                        new UnreadableRange(79 * 512, 512, 61),
                        new UnreadableRange(2047 * 512, 512, 5));
        assertThat(target.position()).isEqualTo(SIZE + 4);
        byte[] expected = content.clone();
        for (UnreadableRange extent : bad) {
            Arrays.fill(expected, (int) extent.offset(), (int) extent.end(), (byte) 0);
        }
        byte[] actual = new byte[SIZE];
        target.position(4).get(actual);
        assertThat(actual).isEqualTo(expected);
        assertThat(disk.reads).isLessThanOrEqualTo(1 + 16 + 3 * 16 + 4 * 8);
    }

    @Test
    void badSectorsAreTriedAgainAsOftenAsAsked() throws IOException {
        // Fails with the range, the 64 KiB, the 4 KiB and the sector, and then twice more.
        disk.breakSector(3, 5, 4 + 2);
        assertThat(new SectorReader(disk, 2).read(ByteBuffer.allocate(SIZE), 0)).hasSize(1);
        disk.breakSector(3, 5, 4 + 2);
        assertThat(new SectorReader(disk, 3).read(ByteBuffer.allocate(SIZE), 0)).isEmpty();
    }

    @Test
    void rangesThatStartInsideASectorAreCutAtSectorBorders() throws IOException {
        disk.breakSector(1, 5, Integer.MAX_VALUE);
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(1000), 600))
                .containsExactly(new UnreadableRange(600, 424, 5));
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(1000), 0))
                .containsExactly(new UnreadableRange(512, 488, 5));
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(10), 1030))
                .isEmpty();
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(0), 600)).isEmpty();
    }

    @Test
    void groundWithoutAGoodSectorIsLeftAfterAFewHundredReads() throws IOException {
        disk.breakSectors(0, 2048);
        SectorReader reader = new SectorReader(disk, 3);

        assertThat(reader.read(ByteBuffer.allocate(SIZE), 0)).containsExactly(new UnreadableRange(0, SIZE, 5));

        assertThat(disk.reads).isLessThan(300);
        assertThat(reader.skippedBytes()).isBetween(SIZE / 2L, SIZE - 64 * 512L);
    }

    @Test
    void aDeadDiskSoonTakesAFewDozenReadsARange() throws IOException {
        BadDisk dead = new BadDisk(MemoryDevice.ofSize(32 << 20));
        dead.breakSectors(0, 65_536);
        SectorReader reader = new SectorReader(dead, 3);
        int range = 2 << 20;
        for (int start = 0; start < 32 << 20; start += range) {
            assertThat(reader.read(ByteBuffer.allocate(range), start))
                    .containsExactly(new UnreadableRange(start, range, 5));
        }
        assertThat(dead.reads).isLessThan(1200);
    }

    @Test
    void theEdgesOfALongBadAreaAreFoundToTheSector() throws IOException {
        disk.breakSectors(301, 1900);
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(SIZE), 0))
                .containsExactly(new UnreadableRange(301 * 512, (1900 - 301) * 512, 5));
        assertThat(disk.reads).isLessThan(400);
    }

    @Test
    void badGroundUpToTheEndStartsAtItsFirstSector() throws IOException {
        disk.breakSectors(77, 2048);
        assertThat(new SectorReader(disk, 0).read(ByteBuffer.allocate(SIZE), 0))
                .containsExactly(new UnreadableRange(77 * 512, SIZE - 77 * 512, 5));
    }

    @Test
    void everyOtherSectorIsReadHoweverLongThatGoesOn() throws IOException {
        for (int lba = 1; lba < 2048; lba += 2) {
            disk.breakSector(lba, 5, Integer.MAX_VALUE);
        }
        SectorReader reader = new SectorReader(disk, 0);
        List<UnreadableRange> bad = reader.read(ByteBuffer.allocate(SIZE), 0);
        assertThat(bad).hasSize(1024).allMatch(extent -> extent.length() == 512);
        assertThat(reader.skippedBytes()).isZero();
        assertThat(disk.reads).isLessThan(2048 + 256 + 17);
    }

    @Test
    void aGoodRunAsLongAsTheBadGroundBeforeItIsFoundWhole() throws IOException {
        disk.breakSectors(0, 203);
        disk.breakSectors(409, 2048);
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(SIZE), 0))
                .containsExactly(
                        new UnreadableRange(0, 203 * 512, 5), new UnreadableRange(409 * 512, SIZE - 409 * 512, 5));
    }

    @Test
    void goodGroundAfterADeadAreaIsReadAsUsual() throws IOException {
        BadDisk mixed = new BadDisk(MemoryDevice.ofSize(16 << 20));
        mixed.breakSectors(0, 8 * 2048 + 1000);
        mixed.breakSectors(8 * 2048 + 2000, 8 * 2048 + 2001);
        SectorReader reader = new SectorReader(mixed, 0);
        reader.read(ByteBuffer.allocate(8 << 20), 0);
        assertThat(reader.read(ByteBuffer.allocate(8 << 20), 8 << 20))
                .containsExactly(
                        new UnreadableRange(8 << 20, 1000 * 512, 5),
                        new UnreadableRange((8 << 20) + 2000 * 512, 512, 5));
    }

    @Test
    void badGroundOfAnyShapeIsCoveredAndGoodGroundKeepsItsBytes() throws IOException {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            disk.bad.clear();
            disk.reads = 0;
            int longest = 1 << random.nextInt(11);
            for (int lba = random.nextInt(300); lba < 2048; lba += random.nextInt(400)) {
                int end = Math.min(2048, lba + 1 + random.nextInt(longest));
                disk.breakSectors(lba, end);
                lba = end;
            }
            ByteBuffer target = ByteBuffer.allocate(SIZE);
            SectorReader reader = new SectorReader(disk, 1);
            List<UnreadableRange> bad = reader.read(target, 0);
            boolean[] isUnreadable = new boolean[2048];
            bad.forEach(extent ->
                    Arrays.fill(isUnreadable, (int) (extent.offset() / 512), (int) (extent.end() / 512), true));
            int wrong = 0;
            for (int lba = 0; lba < 2048; lba++) {
                ByteBuffer expected =
                        isUnreadable[lba] ? ByteBuffer.allocate(512) : ByteBuffer.wrap(content, lba * 512, 512);
                assertThat(target.slice(lba * 512, 512))
                        .as("seed %d, sector %d", seed, lba)
                        .isEqualTo(expected);
                assertThat(isUnreadable[lba] || !disk.bad.containsKey(lba))
                        .as("seed %d", seed)
                        .isTrue();
                wrong += isUnreadable[lba] && !disk.bad.containsKey(lba) ? 512 : 0;
            }
            assertThat((long) wrong).as("seed %d", seed).isLessThanOrEqualTo(reader.skippedBytes());
            if (longest <= 32) {
                assertThat(reader.skippedBytes()).as("seed %d", seed).isZero();
            }
        }
    }

    @Test
    void otherFailuresAreNotTakenForBadSectors() {
        BlockDevice gone = new BadDisk(MemoryDevice.ofSize(SIZE)) {
            @Override
            public void read(ByteBuffer target, long diskOffset) throws IOException {
                throw new IOException("gone");
            }
        };
        assertThatThrownBy(() -> new SectorReader(gone, 1).read(ByteBuffer.allocate(SIZE), 0))
                .hasMessage("gone");
        assertThatThrownBy(() -> new SectorReader(disk, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** A disk with sectors that fail, each a number of times. */
    private static class BadDisk implements BlockDevice {
        private final BlockDevice good;
        private final Map<Integer, int[]> bad = new HashMap<>();
        private int reads;

        BadDisk(BlockDevice good) {
            this.good = good;
        }

        void breakSectors(int from, int to) {
            for (int lba = from; lba < to; lba++) {
                breakSector(lba, 5, Integer.MAX_VALUE);
            }
        }

        void breakSector(int lba, int osError, int times) {
            bad.put(lba, new int[] {osError, times});
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            reads++;
            for (int lba = (int) (diskOffset / 512); lba * 512L < diskOffset + target.remaining(); lba++) {
                int[] failure = bad.get(lba);
                if (failure != null && failure[1] > 0) {
                    failure[1]--;
                    throw new DeviceException(name(), "read", lba * 512L, failure[0], "broken", null);
                }
            }
            good.read(target, diskOffset);
        }

        @Override
        public String name() {
            return "bad disk";
        }

        @Override
        public long size() {
            return good.size();
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) {
            throw new IllegalStateException();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
