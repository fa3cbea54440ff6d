package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Virtual PC's and Hyper-V's first format: {@code dynamic}, which is the usual one, and {@code fixed}, which is written
 * in one pass. A differencing disk is read with its parent through the resolver.
 */
final class VhdFormat implements VirtualDiskFormat {
    private static final int MIN_BLOCK_SIZE = 4096;

    @Override
    public String name() {
        return "vhd";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return VhdFooter.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        VhdFooter footer = VhdFooter.read(file);
        if (footer.type() == VhdLayout.TYPE_FIXED) {
            if (footer.diskSize() > footer.fileOffset()) {
                throw new CorruptImageException(
                        file.name(), footer.fileOffset(), "a fixed disk of " + footer.diskSize() + " bytes");
            }
            return file.slice(0, footer.diskSize());
        }
        VhdHeader header = VhdHeader.read(file, footer);
        DiskMap map = new VhdMap(file, footer, header);
        if (footer.type() == VhdLayout.TYPE_DYNAMIC) {
            return new MappedDisk(file, footer.diskSize(), VhdLayout.SECTOR, map);
        }
        Parents.Parent parent = Parents.open(
                file,
                header.parentNameOffset(),
                header.parentName(),
                this,
                options,
                parentFile -> checkParent(file, header, parentFile));
        return new MappedDisk(file, footer.diskSize(), VhdLayout.SECTOR, map, parent.disk(), parent.owned());
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        VhdFooter footer = VhdFooter.read(file);
        boolean isFixed = footer.type() == VhdLayout.TYPE_FIXED;
        return VirtualDiskInfo.ofBlocks(
                isFixed ? 0 : VhdHeader.read(file, footer).blockSize());
    }

    private static void checkParent(BlockDevice file, VhdHeader header, BlockDevice parentFile) throws IOException {
        VhdFooter parent = VhdFooter.read(parentFile);
        if (!parent.id().equals(header.parentId())) {
            throw new CorruptImageException(
                    file.name(),
                    header.parentNameOffset(),
                    "parent " + parentFile.name() + " has the id " + parent.id() + ", expected " + header.parentId());
        }
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return isFixed(options);
    }

    private boolean isFixed(VirtualDiskOptions options) {
        return Subformats.choose(options, name(), "dynamic", "fixed").equals("fixed");
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        OrderedWriter.checkDiskSize(name(), diskSize, VhdLayout.MAX_DISK_SIZE);
        long rounded = diskSize + Math.floorMod(-diskSize, VhdLayout.SECTOR);
        if (isFixed(options)) {
            return fixed(
                    FileOutput.inOrder(output),
                    diskSize,
                    VhdFooter.encode(VhdLayout.TYPE_FIXED, rounded, -1, options.id()));
        }
        int blockSize = options.blockSize() == 0 ? VhdLayout.USUAL_BLOCK_SIZE : options.blockSize();
        if (blockSize < MIN_BLOCK_SIZE) {
            throw new IllegalArgumentException("block size " + blockSize + ", expected at least " + MIN_BLOCK_SIZE);
        }
        FileOutput file = FileOutput.seekable(output, name());
        return BlockCutter.writer(diskSize, blockSize, new VhdDynamicWriter(file, rounded, blockSize, options.id()));
    }

    private static VirtualDiskWriter fixed(FileOutput output, long diskSize, ByteBuffer footer) {
        return new OrderedWriter(diskSize, new FlatSink(output, file -> {
            file.align(VhdLayout.SECTOR);
            file.append(footer);
        }));
    }
}
