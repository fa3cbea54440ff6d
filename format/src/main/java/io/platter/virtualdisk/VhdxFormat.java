package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hyper-V's second format: {@code dynamic}, which is the usual one, and {@code fixed}, which is written in one pass. A
 * differencing disk is read with its parent through the resolver, and a log is replayed in memory.
 */
final class VhdxFormat implements VirtualDiskFormat {
    /** Blocks grow so that there are not more of them, and the BAT stays within 8 MiB. */
    private static final long USUAL_BLOCKS = 1 << 20;

    @Override
    public String name() {
        return "vhdx";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return VhdxHeader.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        VhdxFile vhdx = VhdxFile.read(file);
        VhdxMetadata metadata = vhdx.metadata();
        DiskMap map = VhdxMap.open(vhdx);
        VhdxParentLocator locator = metadata.parent();
        if (locator == null) {
            return disk(file, metadata, map, null, List.of());
        }
        Parents.Parent parent = Parents.open(
                file,
                locator.fileOffset(),
                locator.name(),
                this,
                options,
                parentFile -> checkParent(file, metadata, locator, parentFile));
        return disk(file, metadata, map, parent.disk(), parent.owned());
    }

    private static BlockDevice disk(
            BlockDevice file,
            VhdxMetadata metadata,
            DiskMap map,
            @Nullable BlockDevice parent,
            List<? extends Closeable> owned) {
        return new MappedDisk(
                file,
                metadata.diskSize(),
                metadata.logicalSectorSize(),
                metadata.physicalSectorSize(),
                map,
                parent,
                owned);
    }

    private static void checkParent(
            BlockDevice file, VhdxMetadata metadata, VhdxParentLocator locator, BlockDevice parentFile)
            throws IOException {
        VhdxFile parent = VhdxFile.read(parentFile);
        if (!locator.isParent(parent.header().dataWriteId())) {
            throw new CorruptImageException(
                    file.name(),
                    locator.fileOffset(),
                    "parent " + parentFile.name() + " has the id "
                            + parent.header().dataWriteId() + ", expected " + locator.dataWriteIds());
        }
        if (parent.metadata().logicalSectorSize() != metadata.logicalSectorSize()) {
            throw new CorruptImageException(
                    file.name(),
                    locator.fileOffset(),
                    "parent " + parentFile.name() + " has sectors of "
                            + parent.metadata().logicalSectorSize() + " bytes, expected "
                            + metadata.logicalSectorSize());
        }
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(VhdxFile.read(file).metadata().blockSize());
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
    public int logicalSectorSize(VirtualDiskOptions options) {
        return options.logicalSectorSize();
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        OrderedWriter.checkDiskSize(name(), diskSize, VhdxLayout.MAX_DISK_SIZE);
        boolean isFixed = isFixed(options);
        int blockSize = options.blockSize() == 0 ? usualBlockSize(diskSize) : options.blockSize();
        if (blockSize < VhdxLayout.MIN_BLOCK_SIZE) {
            throw new IllegalArgumentException(
                    "block size " + blockSize + ", expected at least " + VhdxLayout.MIN_BLOCK_SIZE);
        }
        int sectorSize = options.logicalSectorSize();
        VhdxPlan plan = new VhdxPlan(
                diskSize + Math.floorMod(-diskSize, sectorSize), blockSize, isFixed, sectorSize, options.id());
        if (isFixed) {
            // Where the channel can seek the headers come last, so that a file which was not finished is not taken.
            boolean headersLast = output instanceof SeekableByteChannel;
            FileOutput file = FileOutput.inOrder(output);
            plan.appendFixed(file, headersLast);
            return new OrderedWriter(diskSize, new FlatSink(file, end -> plan.completeFixed(end, headersLast)));
        }
        FileOutput file = FileOutput.seekable(output, name());
        return BlockCutter.writer(diskSize, blockSize, new VhdxDynamicWriter(file, plan));
    }

    private static int usualBlockSize(long diskSize) {
        long blockSize = VhdxLayout.MIN_BLOCK_SIZE;
        while (diskSize > blockSize * USUAL_BLOCKS) {
            blockSize *= 2;
        }
        return (int) blockSize;
    }
}
