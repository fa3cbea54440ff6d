package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

        List<Extent> bad = new SectorReader(disk, 0).read(target, 0);

        assertThat(bad)
                .containsExactly(
                        new Extent(0, 512, ExtentKind.UNREADABLE, 5),
                        new Extent(77 * 512, 1024, ExtentKind.UNREADABLE, 5),
                        new Extent(79 * 512, 512, ExtentKind.UNREADABLE, 61),
                        new Extent(2047 * 512, 512, ExtentKind.UNREADABLE, 5));
        assertThat(target.position()).isEqualTo(SIZE + 4);
        byte[] expected = content.clone();
        for (Extent extent : bad) {
            Arrays.fill(expected, (int) extent.offset(), (int) extent.end(), (byte) 0);
        }
        byte[] actual = new byte[SIZE];
        target.position(4).get(actual);
        assertThat(actual).isEqualTo(expected);
        assertThat(disk.reads).isLessThanOrEqualTo(1 + 5 * 2 * 11);
    }

    @Test
    void badSectorsAreTriedAgainAsOftenAsAsked() throws IOException {
        // Fails with its range, alone in each halving, and twice more.
        disk.breakSector(3, 5, 1 + 11 + 2);
        assertThat(new SectorReader(disk, 2).read(ByteBuffer.allocate(SIZE), 0)).hasSize(1);
        disk.breakSector(3, 5, 1 + 11 + 2);
        assertThat(new SectorReader(disk, 3).read(ByteBuffer.allocate(SIZE), 0)).isEmpty();
    }

    @Test
    void rangesThatStartInsideASectorAreCutAtSectorBorders() throws IOException {
        disk.breakSector(1, 5, Integer.MAX_VALUE);
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(1000), 600))
                .containsExactly(new Extent(600, 424, ExtentKind.UNREADABLE, 5));
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(10), 1030))
                .isEmpty();
        assertThat(new SectorReader(disk, 1).read(ByteBuffer.allocate(0), 600)).isEmpty();
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
