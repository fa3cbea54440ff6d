package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link VirtualDiskFormat} that can be written has to keep to; a format's test implements this interface
 * once for each set of options worth it. {@code -Dtest.seed=} replays a failure.
 */
@Timeout(60)
public interface VirtualDiskFormatContract extends VirtualDiskReadingContract {
    /**
     * Returns the size in bytes of a large disk, at least 16 MiB: by default one whose sectors can't be counted in 31
     * bits. A format whose largest disk is smaller returns that.
     */
    default long hugeDiskSize() {
        return (1L << 40) + (1 << 20) + 512;
    }

    @Override
    default SparseFile write(DiskModel disk, VirtualDiskOptions options) throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = format().create(file, disk.bytes().length, options)) {
            disk.writeTo(writer, VirtualDiskReadingContract.seed());
        }
        return file;
    }

    @Test
    default void aDiskWithoutAByteOfDataReadsAsZeros() throws IOException {
        for (ExtentKind kind : new ExtentKind[] {ExtentKind.ZERO, ExtentKind.HOLE}) {
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
        long[] places = hugeDiskPlaces(size);
        byte[] content = DiskModel.random(VirtualDiskReadingContract.seed(), 8192, 20_000)
                .bytes();
        Arrays.fill(content, 0, 100, (byte) 1);
        try (VirtualDiskWriter writer = format().create(file, size, options())) {
            long position = 0;
            for (long place : places) {
                writer.empty(position, place - position, ExtentKind.HOLE);
                int length = (int) Math.min(content.length, size - place);
                writer.data(place, ByteBuffer.wrap(content, 0, length));
                position = place + length;
            }
            writer.empty(position, size - position, ExtentKind.HOLE);
            writer.finish();
        }
        try (BlockDevice disk = format().open(file.device(), options())) {
            for (long place : places) {
                int length = (int) Math.min(content.length, size - place);
                assertThat(DiskModel.read(disk, place, length)).isEqualTo(Arrays.copyOf(content, length));
            }
            for (int i = 1; i < places.length; i++) {
                long between = (places[i - 1] + content.length + places[i]) / 2;
                assertThat(DiskModel.read(disk, between, 4096)).isEqualTo(new byte[4096]);
            }
            assertThat(disk.extentAt(0).kind()).isEqualTo(ExtentKind.DATA);
        }
    }

    /** Returns where a huge disk has data: at its ends, inside, and where numbers of 32 and of 40 bits would wrap. */
    private static long[] hugeDiskPlaces(long size) {
        long last = size - 8192;
        LongStream inside = LongStream.of(size / 12288 * 4096, 5L << 30, (1L << 40) - 4096)
                .filter(place -> place <= last - (1 << 16))
                .sorted();
        return LongStream.concat(LongStream.concat(LongStream.of(0), inside), LongStream.of(last))
                .toArray();
    }

    @Test
    default void theSameDiskGivesTheSameBytes() throws IOException {
        VirtualDiskOptions options = options().toBuilder().id(new UUID(1, 2)).build();
        DiskModel disk = DiskModel.random(VirtualDiskReadingContract.seed(), 1 << 20, 100_000);
        assertThat(write(disk, options).toByteArray())
                .isEqualTo(write(disk, options).toByteArray());
    }

    @Test
    default void blocksThatAreEncodedAheadGiveTheSameBytes() throws IOException {
        VirtualDiskOptions options = options().toBuilder().id(new UUID(1, 2)).build();
        DiskModel disk = DiskModel.random(VirtualDiskReadingContract.seed(), (5 << 20) + 512, 400_000);
        SparseFile file = new SparseFile();
        int size = disk.bytes().length;
        try (VirtualDiskWriter writer = format().create(file, size, options)) {
            int blockSize = writer.blockSize();
            assertThat(Integer.bitCount(blockSize)).isOne();
            Optional<BlockEncoder> encoder = writer.newEncoder();
            if (encoder.isEmpty()) {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> writer.encoded(0, ByteBuffer.allocate(1)));
                return;
            }
            try (BlockEncoder blocks = encoder.get()) {
                writeEncoded(disk.bytes(), writer, blocks);
            }
        }
        SparseFile expected = new SparseFile();
        try (VirtualDiskWriter writer = format().create(expected, size, options)) {
            writer.data(0, ByteBuffer.wrap(disk.bytes()));
            writer.finish();
        }
        assertThat(file.toByteArray()).isEqualTo(expected.toByteArray());
    }

    /** Encodes all blocks but zeros and each third one, backwards, before the first is written. */
    private static void writeEncoded(byte[] disk, VirtualDiskWriter writer, BlockEncoder encoder) throws IOException {
        int blockSize = writer.blockSize();
        int count = (disk.length + blockSize - 1) / blockSize;
        byte[] whole = Arrays.copyOf(disk, count * blockSize);
        Map<Integer, ByteBuffer> encoded = new HashMap<>();
        for (int index = count - 1; index >= 0; index--) {
            byte[] block = Arrays.copyOfRange(whole, index * blockSize, (index + 1) * blockSize);
            ByteBuffer target =
                    ByteBuffer.allocateDirect(encoder.maxEncodedLength() + 3).position(3);
            ByteBuffer direct = ByteBuffer.allocateDirect(blockSize).put(block).flip();
            if (index % 3 != 2 && !Arrays.equals(block, new byte[blockSize])) {
                if (encoder.encode(direct, target)) {
                    encoded.put(index, target.flip().position(3));
                } else {
                    assertThat(target.position()).isEqualTo(3);
                }
                assertThat(direct.hasRemaining()).isFalse();
            }
        }
        for (int index = 0; index < count; index++) {
            int offset = index * blockSize;
            ByteBuffer form = encoded.get(index);
            if (form == null) {
                writer.data(offset, ByteBuffer.wrap(disk, offset, Math.min(blockSize, disk.length - offset)));
            } else {
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> writer.encoded(offset + blockSize, form));
                writer.encoded(offset, form);
                assertThat(form.hasRemaining()).isFalse();
            }
        }
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> writer.encoded(disk.length, ByteBuffer.allocate(1)));
        writer.finish();
    }

    @Test
    default void onePassGoesToAPipeAndTheRestDoesNot() throws IOException {
        DiskModel disk = DiskModel.random(VirtualDiskReadingContract.seed(), 700_000, 100_000);
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        if (!format().createsInOnePass(options())) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> format().create(Channels.newChannel(pipe), 700_000, options()));
            return;
        }
        try (VirtualDiskWriter writer = format().create(Channels.newChannel(pipe), 700_000, options())) {
            disk.writeTo(writer, VirtualDiskReadingContract.seed());
        }
        try (BlockDevice opened = format().open(MemoryDevice.over(pipe.toByteArray()), options())) {
            disk.assertEqual(opened, VirtualDiskReadingContract.seed());
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
            writer.empty(1000, 9000, ExtentKind.HOLE);
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
        byte[] content = DiskModel.random(VirtualDiskReadingContract.seed(), 300_000, 1000)
                .bytes();
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
}
