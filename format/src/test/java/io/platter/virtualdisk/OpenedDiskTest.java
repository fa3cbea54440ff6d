package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.testkit.BlockDeviceReadingContract;
import io.platter.testkit.SparseFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What the disk of a file is as a device, shown on qcow2. */
class OpenedDiskTest implements BlockDeviceReadingContract {
    @Override
    public BlockDevice deviceOf(byte[] content) throws IOException {
        VirtualDiskFormat qcow2 = VirtualDisks.named("qcow2").orElseThrow();
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = qcow2.create(file, content.length, VirtualDiskOptions.defaults())) {
            writer.data(0, ByteBuffer.wrap(content));
            writer.finish();
        }
        return qcow2.open(file.device(), VirtualDiskOptions.defaults());
    }
}
