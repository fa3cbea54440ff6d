package io.platter.virtualdisk.raw;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.FlatSink;
import io.platter.virtualdisk.spi.OrderedWriter;
import java.nio.channels.WritableByteChannel;

/** The disk's bytes as they are. Holes of the file are the disk's own; every file is one, so there is no magic. */
public final class RawFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public RawFormat() {}

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
    public boolean isFlat() {
        return true;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return true;
    }

    @Override
    public int logicalSectorSize(VirtualDiskOptions options) {
        return 0;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options) {
        OrderedWriter.checkDiskSize(name(), diskSize, Long.MAX_VALUE);
        return new OrderedWriter(diskSize, new FlatSink(FileOutput.inOrder(output), FileOutput::complete));
    }
}
