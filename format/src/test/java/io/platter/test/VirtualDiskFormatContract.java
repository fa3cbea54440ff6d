package io.platter.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link VirtualDiskFormat} that can be written has to keep to; a format's test implements this interface
 * once for each set of options worth it. {@code -Dtest.seed=} replays a failure.
 */
@Timeout(60)
public interface VirtualDiskFormatContract {
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

    /** Returns the size in bytes of a disk whose sectors can't be counted in 31 bits, or else of the format's largest. */
    default long hugeDiskSize() {
        return (1L << 40) + (1 << 20) + 512;
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
    default SparseFile write(DiskModel disk, VirtualDiskOptions options) throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = format().create(file, disk.bytes().length, options)) {
            disk.writeTo(writer, seed());
        }
        return file;
    }

    /** Writes a disk, reads it back, and compares. */
    default void assertReadsBack(DiskModel disk) throws IOException {
        BlockDevice file = write(disk, options()).device();
        assertThat(format().matches(file)).isEqualTo(hasMagic());
        try (BlockDevice opened = format().open(file, options())) {
            disk.assertEqual(opened, seed());
        }
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

    @Test
    default void aDiskWithoutAByteOfDataReadsAsZeros() throws IOException {
        for (ExtentKind kind : new ExtentKind[] {ExtentKind.ZERO, ExtentKind.UNUSED}) {
            SparseFile file = new SparseFile();
            long size = (5 << 20) + 512;
            try (VirtualDiskWriter writer = format().create(file, size, options())) {
                writer.empty(0, size, kind);
                writer.finish();
            }
            try (BlockDevice disk = format().open(file.device(), options())) {
                assertThat(DiskModel.read(disk, 0, (int) size)).isEqualTo(new byte[(int) size]);
                DiskModel.assertExtentsTrue(disk);
            }
        }
    }

    @Test
    default void anEmptyDiskIsRefusedOrStaysEmpty() throws IOException {
        SparseFile file = new SparseFile();
        VirtualDiskWriter writer;
        try {
            writer = format().create(file, 0, options());
        } catch (IllegalArgumentException refused) {
            return;
        }
        try (writer) {
            writer.finish();
        }
        try (BlockDevice disk = format().open(file.device(), options())) {
            assertThat(disk.size()).isZero();
            disk.read(ByteBuffer.allocate(0), 0);
        }
    }

    @Test
    default void aHugeDiskKeepsItsBytesInTheirPlaces() throws IOException {
        SparseFile file = new SparseFile();
        long size = hugeDiskSize();
        long[] places = LongStream.of(0, 5L << 30, (1L << 40) - 4096, size - 8192)
                .filter(place -> place <= size - 8192)
                .toArray();
        byte[] content = DiskModel.random(seed(), 8192, 20_000).bytes();
        Arrays.fill(content, 0, 100, (byte) 1);
        try (VirtualDiskWriter writer = format().create(file, size, options())) {
            long position = 0;
            for (long place : places) {
                writer.empty(position, place - position, ExtentKind.UNUSED);
                int length = (int) Math.min(content.length, size - place);
                writer.data(place, ByteBuffer.wrap(content, 0, length));
                position = place + length;
            }
            writer.empty(position, size - position, ExtentKind.UNUSED);
            writer.finish();
        }
        try (BlockDevice disk = format().open(file.device(), options())) {
            for (long place : places) {
                int length = (int) Math.min(content.length, size - place);
                assertThat(DiskModel.read(disk, place, length)).isEqualTo(Arrays.copyOf(content, length));
            }
            assertThat(DiskModel.read(disk, 9L << 30, 4096)).isEqualTo(new byte[4096]);
            assertThat(disk.extentAt(0).kind()).isEqualTo(ExtentKind.DATA);
        }
    }

    @Test
    default void theSameDiskGivesTheSameBytes() throws IOException {
        VirtualDiskOptions options = options().toBuilder().id(new UUID(1, 2)).build();
        DiskModel disk = DiskModel.random(seed(), 1 << 20, 100_000);
        assertThat(write(disk, options).toByteArray())
                .isEqualTo(write(disk, options).toByteArray());
    }

    @Test
    default void onePassGoesToAPipeAndTheRestDoesNot() throws IOException {
        DiskModel disk = DiskModel.random(seed(), 700_000, 100_000);
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        if (!format().createsInOnePass(options())) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> format().create(Channels.newChannel(pipe), 700_000, options()));
            return;
        }
        try (VirtualDiskWriter writer = format().create(Channels.newChannel(pipe), 700_000, options())) {
            disk.writeTo(writer, seed());
        }
        try (BlockDevice opened = format().open(MemoryDevice.over(pipe.toByteArray()), options())) {
            disk.assertEqual(opened, seed());
        }
    }

    @Test
    default void aWriterRefusesGapsAndOverlapsAndTooMuch() throws IOException {
        try (VirtualDiskWriter writer = format().create(new SparseFile(), 10_000, options())) {
            writer.data(0, ByteBuffer.allocate(1000));
            for (long wrong : new long[] {0, 999, 1001, -1, Long.MAX_VALUE}) {
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> writer.data(wrong, ByteBuffer.allocate(1)));
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> writer.empty(wrong, 1, ExtentKind.ZERO));
            }
            for (long wrong : new long[] {9001, -1, Long.MAX_VALUE}) {
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> writer.empty(1000, wrong, ExtentKind.ZERO));
            }
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> writer.empty(1000, 10, ExtentKind.DATA));
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(writer::finish);
            writer.empty(1000, 9000, ExtentKind.UNUSED);
            writer.finish();
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(writer::finish);
        }
    }

    @Test
    default void aFileThatWasNotFinishedIsNotTaken() throws IOException {
        if (!hasMagic()) {
            return;
        }
        SparseFile file = new SparseFile();
        byte[] content = DiskModel.random(seed(), 300_000, 1000).bytes();
        VirtualDiskWriter writer = format().create(file, 2L * content.length, options());
        writer.data(0, ByteBuffer.wrap(content));
        writer.close();
        writer.close();
        assertThatExceptionOfType(ImageFormatException.class).isThrownBy(() -> {
            try (BlockDevice disk = format().open(file.device(), options())) {
                DiskModel.read(disk, 0, (int) disk.size());
            }
        });
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> writer.data(content.length, ByteBuffer.allocate(1)));
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
