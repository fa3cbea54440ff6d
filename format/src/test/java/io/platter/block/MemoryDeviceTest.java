package io.platter.block;

import io.platter.testkit.BlockDeviceContract;

class MemoryDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        return MemoryDevice.over(content);
    }
}
