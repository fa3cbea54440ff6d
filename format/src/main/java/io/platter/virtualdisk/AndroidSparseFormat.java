package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** The sparse image of Android's build and flashing tools. */
final class AndroidSparseFormat implements VirtualDiskFormat {
    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "android-sparse";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        if (file.size() < AndroidSparseLayout.HEADER_LENGTH) {
            return false;
        }
        ByteBuffer magic = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        file.read(magic, 0);
        return magic.getInt(0) == AndroidSparseLayout.MAGIC;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        AndroidSparseMap map = AndroidSparseMap.read(file);
        return new MappedDisk(file, map.diskSize(), SECTOR, map);
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(AndroidSparseMap.read(file).blockSize());
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
        int blockSize = options.blockSize() == 0 ? AndroidSparseLayout.USUAL_BLOCK_SIZE : options.blockSize();
        if (blockSize > AndroidSparseLayout.USUAL_BLOCK_SIZE) {
            throw new IllegalArgumentException("block size " + blockSize + ", expected at most 4096");
        }
        OrderedWriter.checkDiskSize(name(), diskSize, AndroidSparseLayout.MAX_BLOCKS * blockSize);
        FileOutput file = FileOutput.seekable(output, name());
        long blocks = (diskSize + blockSize - 1) / blockSize;
        return BlockCutter.writer(diskSize, blockSize, new AndroidSparseWriter(file, blocks, blockSize));
    }
}
