package io.platter.virtualdisk.androidsparse;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.OrderedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** The sparse image of Android's build and flashing tools. */
public final class AndroidSparseFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public AndroidSparseFormat() {}

    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "android-sparse";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        if (file.size() < Layout.HEADER_LENGTH) {
            return false;
        }
        ByteBuffer magic = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        file.read(magic, 0);
        return magic.getInt(0) == Layout.MAGIC;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        ChunkMap map = ChunkMap.read(file);
        return new MappedDisk(file, map.diskSize(), SECTOR, map);
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(ChunkMap.read(file).blockSize());
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    /** The header tells how many chunks there are, and so does each chunk's about its bytes: they are filled in last. */
    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return false;
    }

    @Override
    public int logicalSectorSize(VirtualDiskOptions options) {
        return 0;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        int blockSize = options.blockSize() == 0 ? Layout.USUAL_BLOCK_SIZE : options.blockSize();
        if (blockSize > Layout.USUAL_BLOCK_SIZE) {
            throw new IllegalArgumentException("block size " + blockSize + ", expected at most 4096");
        }
        OrderedWriter.checkDiskSize(name(), diskSize, Layout.MAX_BLOCKS * blockSize);
        FileOutput file = FileOutput.seekable(output, name());
        long blocks = (diskSize + blockSize - 1) / blockSize;
        return BlockCutter.writer(diskSize, blockSize, new ChunkWriter(file, blocks, blockSize));
    }
}
