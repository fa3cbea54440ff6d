package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SparseDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        SparseDevice device = new SparseDevice(content.length);
        device.write(ByteBuffer.wrap(content), 0);
        return device;
    }

    @Test
    void knowsWhatWasNeverWrittenOnADiskOfAnySize() {
        SparseDevice disk = new SparseDevice(Long.MAX_VALUE);
        disk.write(ByteBuffer.allocate(1), 1L << 50);
        assertThat(disk.extentAt(0)).isEqualTo(new Extent(0, 1L << 50, ExtentKind.HOLE));
        assertThat(disk.extentAt(1L << 50).kind()).isEqualTo(ExtentKind.DATA);
    }
}
