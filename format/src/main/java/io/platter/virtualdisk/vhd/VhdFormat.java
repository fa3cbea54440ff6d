package io.platter.virtualdisk.vhd;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.FlatSink;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.OrderedWriter;
import io.platter.virtualdisk.spi.Parents;
import io.platter.virtualdisk.spi.Subformats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Virtual PC's and Hyper-V's first format: {@code dynamic}, which is the usual one, and {@code fixed}, which is written
 * in one pass. A differencing disk is read with its parent through the resolver.
 */
public final class VhdFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public VhdFormat() {}

    private static final int MIN_BLOCK_SIZE = 4096;

    @Override
    public String name() {
        return "vhd";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return Footer.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        Footer footer = Footer.read(file);
        if (footer.type() == Layout.TYPE_FIXED) {
            if (footer.diskSize() > footer.fileOffset()) {
                throw new CorruptImageException(
                        file.name(), footer.fileOffset(), "a fixed disk of " + footer.diskSize() + " bytes");
            }
            return file.slice(0, footer.diskSize());
        }
        Header header = Header.read(file, footer);
        DiskMap map = new BlockMap(file, footer, header);
        if (footer.type() == Layout.TYPE_DYNAMIC) {
            return new MappedDisk(file, footer.diskSize(), Layout.SECTOR, map);
        }
        Parents.Parent parent = Parents.open(
                file,
                header.parentNameOffset(),
                header.parentName(),
                this,
                options,
                parentFile -> checkParent(file, header, parentFile));
        return new MappedDisk(file, footer.diskSize(), Layout.SECTOR, map, parent.disk(), parent.owned());
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        Footer footer = Footer.read(file);
        boolean isFixed = footer.type() == Layout.TYPE_FIXED;
        return VirtualDiskInfo.ofBlocks(isFixed ? 0 : Header.read(file, footer).blockSize());
    }

    private static void checkParent(BlockDevice file, Header header, BlockDevice parentFile) throws IOException {
        Footer parent = Footer.read(parentFile);
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
        OrderedWriter.checkDiskSize(name(), diskSize, Layout.MAX_DISK_SIZE);
        long rounded = diskSize + Math.floorMod(-diskSize, Layout.SECTOR);
        if (isFixed(options)) {
            return fixed(
                    FileOutput.inOrder(output), diskSize, Footer.encode(Layout.TYPE_FIXED, rounded, -1, options.id()));
        }
        int blockSize = options.blockSize() == 0 ? Layout.USUAL_BLOCK_SIZE : options.blockSize();
        if (blockSize < MIN_BLOCK_SIZE) {
            throw new IllegalArgumentException("block size " + blockSize + ", expected at least " + MIN_BLOCK_SIZE);
        }
        FileOutput file = FileOutput.seekable(output, name());
        return BlockCutter.writer(diskSize, blockSize, new DynamicWriter(file, rounded, blockSize, options.id()));
    }

    private static VirtualDiskWriter fixed(FileOutput output, long diskSize, ByteBuffer footer) {
        return new OrderedWriter(diskSize, new FlatSink(output, file -> {
            file.align(Layout.SECTOR);
            file.append(footer);
        }));
    }
}
