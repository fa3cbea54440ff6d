package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What every writable {@link BlockDevice} does, besides what {@link BlockDeviceReadingContract} asks of it. A test
 * class implements this interface once for each kind of device, and says in {@link #deviceOf} how one is made.
 */
public interface BlockDeviceContract extends BlockDeviceReadingContract {
    /**
     * Opens a device for writing that holds these bytes; the test closes it.
     *
     * @param content the bytes, {@link #contractSize} of them; the device may keep the array
     */
    @Override
    BlockDevice deviceOf(byte[] content) throws IOException;

    @Test
    default void theDeviceIsWritable() throws IOException {
        try (BlockDevice device = deviceOf(contractContent())) {
            assertThat(device.isWritable()).isTrue();
            assertThat(device.slice(0, 512).isWritable()).isTrue();
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
                for (ByteBuffer buffer : Buffers.ofAllSorts(range[1])) {
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
    default void writesOutsideTheDeviceAreRefused() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
            for (long offset : Buffers.outside(device)) {
                assertRefused(() -> device.write(ByteBuffer.allocate(1), offset));
                assertRefused(() -> device.zero(offset, 1));
                assertRefused(() -> device.discard(offset, 1));
            }
            assertRefused(() -> device.write(ByteBuffer.allocate(2), device.size() - 1));
            assertRefused(() -> device.zero(1, device.size()));
            assertRefused(() -> device.zero(1, -1));
            assertThat(all(device)).isEqualTo(content);
        }
    }

    @Test
    default void aSliceIsAPartOfTheDevice() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
            BlockDevice slice = device.slice(1000, 70_000);
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

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    /** Returns all bytes of a device. */
    private static byte[] all(BlockDevice device) throws IOException {
        return DiskModel.read(device, 0, (int) device.size());
    }
}
