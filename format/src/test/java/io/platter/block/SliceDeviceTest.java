package io.platter.block;

import io.platter.testkit.BlockDeviceContract;

class SliceDeviceTest implements BlockDeviceContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        byte[] whole = new byte[content.length + 5000];
        System.arraycopy(content, 0, whole, 3000, content.length);
        return MemoryDevice.over(whole).slice(3000, content.length);
    }
}
