package org.example.backup;

import io.platter.block.BlockDevice;
import io.platter.testkit.BlockDeviceReadingContract;

class GeneratedDiskTest implements BlockDeviceReadingContract {
    @Override
    public BlockDevice deviceOf(byte[] content) {
        return new GeneratedDisk(content);
    }
}
