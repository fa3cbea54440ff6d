package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.MemoryDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class FaultyDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        return FaultyDevice.losingPowerAfter(MemoryDevice.over(content), Long.MAX_VALUE);
    }

    @Test
    void failsReadsThatTouchTheBadSector() throws IOException {
        FaultyDevice disk = FaultyDevice.withBadSector(MemoryDevice.ofSize(4096), 1500);
        DiskModel.read(disk, 0, 1024);
        DiskModel.read(disk, 1536, 2560);
        for (int offset : new int[] {1024, 1535}) {
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> DiskModel.read(disk, offset, 1))
                    .satisfies(e -> assertThat(e.diskOffset()).isEqualTo(offset));
        }
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> DiskModel.read(disk, 0, 4096))
                .satisfies(e -> assertThat(e.diskOffset()).isEqualTo(1024));
    }

    @Test
    void writesInPartWhenPowerFailsAndNothingAfterwards() throws IOException {
        byte[] bytes = new byte[8];
        FaultyDevice disk = FaultyDevice.losingPowerAfter(MemoryDevice.over(bytes), 3);
        disk.write(ByteBuffer.wrap(new byte[] {1, 2}), 0);
        disk.flush();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> disk.write(ByteBuffer.wrap(new byte[] {3, 4}), 2));
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> disk.write(ByteBuffer.wrap(new byte[] {5}), 4));
        assertThatExceptionOfType(DeviceException.class).isThrownBy(disk::flush);
        assertThatExceptionOfType(DeviceException.class).isThrownBy(() -> DiskModel.read(disk, 0, 1));
        assertThat(bytes).isEqualTo(new byte[] {1, 2, 3, 0, 0, 0, 0, 0});
    }
}
