package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link BlockDevice} does, also one that can only be read. The test of a device implements this interface,
 * or {@link BlockDeviceContract} if the device can be written.
 */
@Timeout(60)
public interface BlockDeviceReadingContract {
    /**
     * Opens a device that holds these bytes; the test closes it.
     *
     * @param content the bytes, {@link #contractSize} of them; the device may keep the array
     */
    BlockDevice deviceOf(byte[] content) throws IOException;

    /** Returns the size of the devices to test with, in bytes: at least 200,000, a multiple of the sector's size. */
    default int contractSize() {
        return 5 * 65536 + 512;
    }

    /** Returns bytes that differ everywhere, but for a stretch of zeros in the middle. */
    default byte[] contractContent() {
        byte[] content = new byte[contractSize()];
        new Random(3).nextBytes(content);
        Arrays.fill(content, 2 * 65536, Math.min(content.length, 4 * 65536), (byte) 0);
        return content;
    }

    @Test
    default void sizeIsThatOfTheContent() throws IOException {
        try (BlockDevice device = deviceOf(contractContent())) {
            assertThat(device.size()).isEqualTo(contractSize());
            assertThat(device.logicalSectorSize()).isIn(512, 4096);
            assertThat(device.physicalSectorSize()).isGreaterThanOrEqualTo(device.logicalSectorSize());
            assertThat(device.name()).isNotEmpty();
        }
    }

    @Test
    default void readingLeavesTheStateAsItIs() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
            Optional<String> state = device.state();
            device.read(ByteBuffer.allocate(content.length), 0);
            assertThat(device.state()).isEqualTo(state);
            assertThat(device.identity()).doesNotContainValue("");
        }
    }

    @Test
    default void readsAnyRangeIntoAnyBuffer() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
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
                for (ByteBuffer buffer : Buffers.ofAllSorts(range[1])) {
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
    default void extentsCoverTheDeviceAndZeroMeansZeros() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
            long offset = 0;
            while (offset < device.size()) {
                Extent extent = device.extentAt(offset);
                assertThat(extent.offset()).isEqualTo(offset);
                assertThat(extent.end()).isLessThanOrEqualTo(device.size());
                assertThat(extent.kind()).isIn(ExtentKind.DATA, ExtentKind.ZERO, ExtentKind.HOLE);
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
    default void readsOutsideTheDeviceAreRefused() throws IOException {
        try (BlockDevice device = deviceOf(contractContent())) {
            for (long offset : Buffers.outside(device)) {
                assertRefused(() -> device.read(ByteBuffer.allocate(1), offset));
                assertRefused(() -> device.extentAt(offset));
            }
            assertRefused(() -> device.read(ByteBuffer.allocate(2), device.size() - 1));
            assertRefused(() -> device.slice(1, device.size()));
            assertRefused(() -> device.slice(-1, 1));
        }
    }

    @Test
    default void aSliceReadsAsThatPartOfTheDevice() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
            BlockDevice slice = device.slice(1000, 70_000);
            assertThat(slice.size()).isEqualTo(70_000);
            assertThat(DiskModel.read(slice, 0, 70_000)).isEqualTo(Arrays.copyOfRange(content, 1000, 71_000));
            slice.close();
            assertThat(DiskModel.read(device, 0, content.length)).isEqualTo(content);
        }
    }

    @Test
    default void aDeviceThatIsNotWritableSaysSo() throws IOException {
        byte[] content = contractContent();
        try (BlockDevice device = deviceOf(content.clone())) {
            if (device.isWritable()) {
                return;
            }
            for (BlockDevice part : List.of(device, device.slice(512, 1024))) {
                assertThat(part.isWritable()).isFalse();
                assertNotWritable(() -> part.write(ByteBuffer.allocate(512), 0));
                assertNotWritable(() -> part.zero(0, 512));
                assertNotWritable(() -> part.discard(0, 512));
            }
            assertThat(DiskModel.read(device, 0, content.length)).isEqualTo(content);
        }
    }

    @Test
    default void severalThreadsReadAtOnce() throws Exception {
        byte[] content = contractContent();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (BlockDevice device = deviceOf(content.clone())) {
            List<Future<?>> reads = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                reads.add(threads.submit(() -> {
                    for (int round = 0; round < 100; round++) {
                        int offset = random.nextInt(content.length);
                        int length = random.nextInt(Math.min(40_000, content.length - offset) + 1);
                        assertThat(DiskModel.read(device, offset, length))
                                .isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
                    }
                    return null;
                }));
            }
            for (Future<?> read : reads) {
                read.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertNotWritable(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class);
    }
}
