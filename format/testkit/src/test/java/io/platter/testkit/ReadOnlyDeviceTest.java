package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class ReadOnlyDeviceTest implements BlockDeviceReadingContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        return new ReadOnlyDevice("made up", content.length) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                target.put(content, (int) offset, target.remaining());
            }
        };
    }

    @Test
    void failsAfterClose() throws Exception {
        BlockDevice device = deviceOf(new byte[512]);
        device.close();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> DiskModel.read(device, 0, 1));
    }
}
