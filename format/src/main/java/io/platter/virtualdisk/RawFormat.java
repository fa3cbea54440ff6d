package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** The disk's bytes as they are. Holes of the file are the disk's own; every file is one, so there is no magic. */
final class RawFormat implements VirtualDiskFormat {
    @Override
    public String name() {
        return "raw";
    }

    @Override
    public boolean matches(BlockDevice file) {
        return false;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) {
        return file.slice(0, file.size());
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return true;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options) {
        OrderedWriter.checkDiskSize(name(), diskSize, Long.MAX_VALUE);
        FileOutput file = FileOutput.inOrder(output);
        return new OrderedWriter(diskSize, new OrderedWriter.Sink() {
            @Override
            public void data(ByteBuffer bytes) throws IOException {
                file.append(bytes);
            }

            @Override
            public void empty(long length, ExtentKind kind) throws IOException {
                file.appendZeros(length);
            }

            @Override
            public void finish() throws IOException {
                file.complete();
            }
        });
    }
}
