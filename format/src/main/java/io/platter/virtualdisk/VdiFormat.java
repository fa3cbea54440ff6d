package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** VirtualBox's own format: {@code dynamic}, which is the usual one, and {@code static}. */
final class VdiFormat implements VirtualDiskFormat {
    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "vdi";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        if (file.size() < VdiLayout.HEADER_END) {
            return false;
        }
        ByteBuffer signature = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        file.read(signature, VdiLayout.SIGNATURE_OFFSET);
        return signature.getInt(0) == VdiLayout.SIGNATURE;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        VdiMap map = VdiMap.read(file);
        return new MappedDisk(file, map.diskSize(), SECTOR, map);
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(VdiMap.read(file).blockSize());
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
        OrderedWriter.checkDiskSize(name(), diskSize, VdiLayout.MAX_BLOCKS * VdiLayout.BLOCK_SIZE);
        boolean isStatic =
                Subformats.choose(options, name(), "dynamic", "static").equals("static");
        FileOutput file = FileOutput.seekable(output, name());
        long rounded = diskSize + Math.floorMod(-diskSize, SECTOR);
        return BlockCutter.writer(diskSize, VdiLayout.BLOCK_SIZE, new VdiWriter(file, rounded, isStatic, options.id()));
    }
}
