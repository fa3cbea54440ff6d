package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.testkit.BlockDeviceContract;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OverlayDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        byte[] garbage = new byte[content.length];
        new Random(1).nextBytes(garbage);
        return OverlayDevice.of(MemoryDevice.over(content), MemoryDevice.over(garbage));
    }

    private static byte[] bytes(BlockDevice device, long diskOffset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        device.read(target, diskOffset);
        return target.array();
    }

    @Test
    void whatIsBelowStaysAsItIs() throws IOException {
        Random random = new Random(2);
        byte[] below = new byte[100_001];
        random.nextBytes(below);
        byte[] before = below.clone();
        byte[] expected = below.clone();
        OverlayDevice overlay = OverlayDevice.of(MemoryDevice.over(below), new SparseDevice(200_000));
        for (int round = 0; round < 2000; round++) {
            int length = random.nextInt(round % 5 == 0 ? 20_000 : 50);
            int from = random.nextInt(below.length - length + 1);
            byte[] written = new byte[length];
            switch (round % 4) {
                case 0 -> overlay.zero(from, length);
                case 1 -> overlay.discard(from, length);
                default -> {
                    random.nextBytes(written);
                    overlay.write(ByteBuffer.wrap(written), from);
                }
            }
            System.arraycopy(written, 0, expected, from, length);
            if (round % 50 == 0) {
                assertThat(bytes(overlay, 0, below.length)).isEqualTo(expected);
                int place = random.nextInt(below.length);
                assertThat(bytes(overlay, place, 1)[0]).isEqualTo(expected[place]);
            }
        }
        assertThat(below).isEqualTo(before);
    }

    @Test
    void theChangesAreKnown() throws IOException {
        SparseDevice store = new SparseDevice(1L << 45);
        OverlayDevice overlay = OverlayDevice.of(new SparseDevice(1L << 45), store);
        assertThat(overlay.changes()).isEqualTo(ExtentSet.EMPTY);
        overlay.write(ByteBuffer.wrap(new byte[] {1}), (1L << 45) - 1);
        overlay.write(ByteBuffer.allocate(0), 5);
        assertThat(overlay.changes()).isEqualTo(ExtentSet.of((1L << 45) - (64 << 10), 64 << 10));
        assertThat(bytes(overlay, (1L << 45) - 3, 3)).isEqualTo(new byte[] {0, 0, 1});
    }

    @Test
    void zerosInTheStoreAreWrittenZeros() throws IOException {
        byte[] below = new byte[16384];
        Arrays.fill(below, (byte) 1);
        OverlayDevice overlay = OverlayDevice.of(MemoryDevice.over(below), new SparseDevice(16384));
        overlay.discard(4096, 8192);
        assertThat(overlay.extentAt(0)).isEqualTo(new Extent(0, 4096, ExtentKind.DATA));
        assertThat(overlay.extentAt(5000)).isEqualTo(new Extent(5000, 7288, ExtentKind.ZERO));
        assertThat(overlay.extentAt(12288)).isEqualTo(new Extent(12288, 4096, ExtentKind.DATA));
    }

    @Test
    void aFailureOfTheStoreChangesNothing() throws IOException {
        byte[] below = {1, 2, 3, 4};
        BlockDevice readOnly = MemoryDevice.over(new byte[4096]).slice(0, 4096);
        assertThatThrownBy(() -> OverlayDevice.of(MemoryDevice.over(new byte[8192]), readOnly))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096")
                .hasMessageContaining("8192");
        BlockDevice failing = new DeviceView(MemoryDevice.over(new byte[4])) {
            @Override
            public void write(ByteBuffer source, long diskOffset) throws IOException {
                throw new IOException("full");
            }
        };
        OverlayDevice overlay = OverlayDevice.of(MemoryDevice.over(below), failing);
        assertThatThrownBy(() -> overlay.write(ByteBuffer.wrap(new byte[4]), 0)).hasMessage("full");
        assertThat(bytes(overlay, 0, 4)).isEqualTo(below);
        assertThat(overlay.changes()).isEqualTo(ExtentSet.EMPTY);
    }
}
