package io.platter.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.AlignedBuffers;
import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every writable {@link BlockDevice} does. A class implements it once a kind of device. */
@SuppressWarnings("exports") // JUnit, which the module under test does not require
public interface BlockDeviceContract {
    /** Opens a device for writing that holds these bytes; the test closes it. */
    BlockDevice deviceOf(byte[] content) throws IOException;

    /** Returns the size of the devices to test with, in bytes. */
    default int contractSize() {
        return 5 * 65536 + 512;
    }

    /** Returns bytes that differ everywhere, but for a stretch of zeros in the middle. */
    default byte[] contractContent() {
        byte[] content = new byte[contractSize()];
        new Random(3).nextBytes(content);
        Arrays.fill(content, 2 * 65536, 4 * 65536, (byte) 0);
        return content;
    }

    @Test
    default void sizeIsThatOfTheContent() throws IOException {
        try (BlockDevice device = deviceOf(contractContent())) {
            assertThat(device.size()).isEqualTo(contractSize());
            assertThat(device.logicalSectorSize()).isIn(512, 4096);
            assertThat(device.physicalSectorSize()).isGreaterThanOrEqualTo(device.logicalSectorSize());
            assertThat(device.isWritable()).isTrue();
            assertThat(device.name()).isNotEmpty();
        }
    }

    @Test
    default void readsAnyRangeIntoAnyBuffer() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content)) {
            int size = content.length;
            int[][] ranges = {
                {0, size},
                {0, 1},
                {1, 511},
                {511, 2},
                {4095, 4098},
                {4096, 8192},
                {70_000, 100_001},
                {size - 1, 1},
                {size - 513, 513},
                {size, 0},
                {0, 0}
            };
            for (int[] range : ranges) {
                byte[] expected = Arrays.copyOfRange(content, range[0], range[0] + range[1]);
                for (ByteBuffer buffer : buffers(range[1])) {
                    int start = buffer.position();
                    device.read(buffer, range[0]);
                    assertThat(buffer.position()).isEqualTo(buffer.limit());
                    byte[] actual = new byte[range[1]];
                    buffer.position(start).get(actual);
                    assertThat(actual).as(Arrays.toString(range)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    default void writesAnyRangeAndNothingElse() throws IOException {
        byte[] expected = contractContent();
        Random random = new Random(5);
        try (BlockDevice device = deviceOf(expected.clone())) {
            int size = expected.length;
            int[][] ranges = {
                {0, 1},
                {1, 511},
                {511, 2},
                {4095, 4098},
                {8192, 65536},
                {70_000, 100_001},
                {size - 1, 1},
                {size - 513, 512},
                {size, 0},
                {131_072, 4096}
            };
            for (int[] range : ranges) {
                for (ByteBuffer buffer : buffers(range[1])) {
                    byte[] bytes = new byte[range[1]];
                    random.nextBytes(bytes);
                    System.arraycopy(bytes, 0, expected, range[0], range[1]);
                    int start = buffer.position();
                    buffer.put(bytes).position(start);
                    device.write(buffer.isDirect() ? buffer : buffer.asReadOnlyBuffer(), range[0]);
                }
            }
            device.flush();
            assertThat(all(device)).isEqualTo(expected);
        }
    }

    @Test
    default void writeMovesThePositionToTheLimit() throws IOException {
        try (BlockDevice device = deviceOf(contractContent())) {
            ByteBuffer source = ByteBuffer.allocate(1000).position(10).limit(700);
            device.write(source, 33);
            assertThat(source.position()).isEqualTo(700);
            assertThat(source.limit()).isEqualTo(700);
        }
    }

    @Test
    default void zeroedRangesReadAsZerosAndNothingElseChanges() throws IOException {
        byte[] expected = contractContent();
        try (BlockDevice device = deviceOf(expected.clone())) {
            int size = expected.length;
            int[][] ranges = {{0, 1}, {511, 2}, {4097, 4094}, {10_000, 50_000}, {65536, 65536}, {size - 700, 700}};
            for (int[] range : ranges) {
                device.zero(range[0], range[1]);
                Arrays.fill(expected, range[0], range[0] + range[1], (byte) 0);
                assertThat(all(device)).as(Arrays.toString(range)).isEqualTo(expected);
            }
            device.zero(7, 0);
            device.write(ByteBuffer.wrap(new byte[] {42}), 70_000);
            expected[70_000] = 42;
            assertThat(all(device)).isEqualTo(expected);
        }
    }

    @Test
    default void discardLeavesTheRestAlone() throws IOException {
        byte[] expected = contractContent();
        try (BlockDevice device = deviceOf(expected.clone())) {
            device.discard(5000, 60_000);
            byte[] actual = all(device);
            System.arraycopy(actual, 5000, expected, 5000, 60_000);
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    default void extentsCoverTheDeviceAndZeroMeansZeros() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content)) {
            long offset = 0;
            while (offset < device.size()) {
                Extent extent = device.extentAt(offset);
                assertThat(extent.offset()).isEqualTo(offset);
                assertThat(extent.end()).isLessThanOrEqualTo(device.size());
                assertThat(extent.kind()).isIn(ExtentKind.DATA, ExtentKind.ZERO, ExtentKind.UNUSED);
                if (extent.kind() != ExtentKind.DATA) {
                    assertThat(Arrays.copyOfRange(content, (int) offset, (int) extent.end()))
                            .containsOnly(0);
                }
                offset = extent.end();
            }
            assertThat(device.extentAt(1).offset()).isEqualTo(1);
            assertThat(device.extentAt(device.size() - 1).end()).isEqualTo(device.size());
        }
    }

    @Test
    default void rangesOutsideTheDeviceAreRefused() throws IOException {
        try (BlockDevice device = deviceOf(contractContent())) {
            for (long offset : new long[] {-1, device.size(), device.size() + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertRefused(() -> device.read(ByteBuffer.allocate(1), offset));
                assertRefused(() -> device.write(ByteBuffer.allocate(1), offset));
                assertRefused(() -> device.zero(offset, 1));
                assertRefused(() -> device.discard(offset, 1));
                assertRefused(() -> device.extentAt(offset));
            }
            assertRefused(() -> device.read(ByteBuffer.allocate(2), device.size() - 1));
            assertRefused(() -> device.zero(1, device.size()));
            assertRefused(() -> device.zero(1, -1));
            assertRefused(() -> device.slice(1, device.size()));
        }
    }

    @Test
    default void aSliceIsAPartOfTheDevice() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content)) {
            BlockDevice slice = device.slice(1000, 70_000);
            assertThat(all(slice)).isEqualTo(Arrays.copyOfRange(content, 1000, 71_000));
            slice.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 69_997);
            slice.zero(0, 100);
            System.arraycopy(new byte[] {1, 2, 3}, 0, content, 70_997, 3);
            Arrays.fill(content, 1000, 1100, (byte) 0);
            slice.close();
            assertThat(all(device)).isEqualTo(content);
        }
    }

    @Test
    default void threadsThatTouchDifferentBytesDoNotDisturbEachOther() throws Exception {
        byte[] expected = contractContent();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (BlockDevice device = deviceOf(expected.clone())) {
            List<Future<?>> writes = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread;
                writes.add(threads.submit(() -> {
                    // Neighbours in one sector, so that a device which moves whole sectors has to take care.
                    for (int place = first; place < 8192; place += 4 * 37) {
                        device.write(ByteBuffer.wrap(new byte[] {(byte) (first + 1)}), place);
                    }
                    return null;
                }));
                for (int place = first; place < 8192; place += 4 * 37) {
                    expected[place] = (byte) (first + 1);
                }
            }
            for (Future<?> write : writes) {
                write.get();
            }
            assertThat(all(device)).isEqualTo(expected);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    /** Returns all bytes of a device. */
    private static byte[] all(BlockDevice device) throws IOException {
        byte[] bytes = new byte[(int) device.size()];
        device.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    /** Returns buffers of all sorts with this many bytes between position and limit. */
    private static List<ByteBuffer> buffers(int length) {
        return List.of(
                ByteBuffer.allocate(length),
                ByteBuffer.allocate(length + 9).position(2).limit(length + 2),
                ByteBuffer.allocateDirect(length),
                AlignedBuffers.allocate(length),
                ByteBuffer.allocateDirect(length + 9).position(3).limit(length + 3));
    }
}
