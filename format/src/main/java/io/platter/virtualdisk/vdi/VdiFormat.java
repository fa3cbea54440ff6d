package io.platter.virtualdisk.vdi;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.OrderedWriter;
import io.platter.virtualdisk.spi.Subformats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** VirtualBox's own format: {@code dynamic}, which is the usual one, and {@code static}. */
public final class VdiFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public VdiFormat() {}

    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "vdi";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        if (file.size() < Layout.HEADER_END) {
            return false;
        }
        ByteBuffer signature = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        file.read(signature, Layout.SIGNATURE_OFFSET);
        return signature.getInt(0) == Layout.SIGNATURE;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        BlockMap map = BlockMap.read(file);
        return new MappedDisk(file, map.diskSize(), SECTOR, map);
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(BlockMap.read(file).blockSize());
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return false;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options) {
        OrderedWriter.checkDiskSize(name(), diskSize, Layout.MAX_BLOCKS * Layout.BLOCK_SIZE);
        boolean isStatic =
                Subformats.choose(options, name(), "dynamic", "static").equals("static");
        FileOutput file = FileOutput.seekable(output, name());
        long rounded = diskSize + Math.floorMod(-diskSize, SECTOR);
        return BlockCutter.writer(diskSize, Layout.BLOCK_SIZE, new BlockWriter(file, rounded, isStatic, options.id()));
    }
}
