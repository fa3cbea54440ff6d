package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link VirtualDiskFormat} has to keep to when it reads; a format that can't be written implements this
 * interface with a writer of the test's own. {@code -Dtest.seed=} replays a failure.
 */
@Timeout(60)
public interface VirtualDiskReadingContract {
    /** Returns the format under test. */
    VirtualDiskFormat format();

    /** Returns the options to write and read with. */
    default VirtualDiskOptions options() {
        return VirtualDiskOptions.defaults();
    }

    /** Tells whether the format has a magic, and so a header that an unfinished file lacks. */
    default boolean hasMagic() {
        return true;
    }

    /** Returns about how many damaged copies of a file are tried in each way; 1600 in the main variant. */
    default int damageRounds() {
        return 400;
    }

    /** Returns the seed of this run. */
    static long seed() {
        return Long.getLong("test.seed", 20261121);
    }

    /** Writes a disk to a file in memory. */
    SparseFile write(DiskModel disk, VirtualDiskOptions options) throws IOException;

    /** Writes a disk, reads it back, and compares. */
    default void assertReadsBack(DiskModel disk) throws IOException {
        BlockDevice file = write(disk, options()).device();
        assertThat(format().matches(file)).isEqualTo(hasMagic());
        try (BlockDevice opened = format().open(file, options())) {
            disk.assertEqual(opened, seed());
        }
        assertThat(format().info(file).blockSize()).isBetween(0L, 1L << 28);
        file.read(ByteBuffer.allocate(1), 0);
    }

    @Test
    default void randomDisksReadBack() throws IOException {
        for (int round = 0; round < 6; round++) {
            int size = (3 << 20) + 512 * 17 * round;
            assertReadsBack(DiskModel.random(seed() + round, size, round % 2 == 0 ? 20_000 : 600_000));
        }
    }

    @Test
    default void smallAndOddDisksReadBack() throws IOException {
        for (int size : new int[] {1, 511, 512, 513, 4096, 65_535, 65_536, 65_537, 1_000_001}) {
            assertReadsBack(DiskModel.random(seed(), size, 2000));
        }
    }

    /** Disk formats mostly hold no checksums, so a damaged file may read as another disk; but never worse than that. */
    @Test
    default void damageGivesBytesOrARefusal() throws IOException {
        byte[] file =
                write(DiskModel.random(seed(), 100_000, 30_000), options()).toByteArray();
        int head = Math.min(file.length, damageRounds());
        Damage.flips(file, Math.max(1, file.length / damageRounds()), this::readSome);
        Damage.truncations(file, Math.max(1, file.length * 8 / damageRounds()), this::readSome);
        Damage.fuzz(file, seed(), damageRounds() / 4, this::readSome);
        Damage.flips(Arrays.copyOf(file, head), 1, damaged -> readSome(joined(damaged, file)));
        Damage.fuzz(Arrays.copyOf(file, head), seed(), damageRounds(), damaged -> readSome(joined(damaged, file)));
    }

    /** Returns a file whose first bytes are replaced. */
    private static BlockDevice joined(BlockDevice head, byte[] file) throws IOException {
        byte[] bytes = file.clone();
        head.read(ByteBuffer.wrap(bytes, 0, (int) head.size()), 0);
        return MemoryDevice.over(bytes);
    }

    /** Opens a file that may be damaged, and reads some of what it claims to hold. */
    private void readSome(BlockDevice file) throws IOException {
        try (BlockDevice disk = format().open(file, options())) {
            long offset = 0;
            for (int i = 0; i < 100 && offset < disk.size(); i++) {
                offset = disk.extentAt(offset).end();
            }
            int length = (int) Math.min(disk.size(), 150_000);
            DiskModel.read(disk, 0, length);
            DiskModel.read(disk, disk.size() - Math.min(length, 1000), Math.min(length, 1000));
        }
    }
}
