package io.platter.virtualdisk.vhdx;

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
public final class VhdxFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public VhdxFormat() {}

    /** Blocks grow so that there are not more of them, and the BAT stays within 8 MiB. */
    private static final long USUAL_BLOCKS = 1 << 20;

    @Override
    public String name() {
        return "vhdx";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return Header.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        OpenFile vhdx = OpenFile.read(file);
        Metadata metadata = vhdx.metadata();
        DiskMap map = BlockMap.open(vhdx);
        ParentLocator locator = metadata.parent();
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
            Metadata metadata,
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

    private static void checkParent(BlockDevice file, Metadata metadata, ParentLocator locator, BlockDevice parentFile)
            throws IOException {
        OpenFile parent = OpenFile.read(parentFile);
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
        return VirtualDiskInfo.ofBlocks(OpenFile.read(file).metadata().blockSize());
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
        OrderedWriter.checkDiskSize(name(), diskSize, Layout.MAX_DISK_SIZE);
        boolean isFixed = isFixed(options);
        int blockSize = options.blockSize() == 0 ? usualBlockSize(diskSize) : options.blockSize();
        if (blockSize < Layout.MIN_BLOCK_SIZE) {
            throw new IllegalArgumentException(
                    "block size " + blockSize + ", expected at least " + Layout.MIN_BLOCK_SIZE);
        }
        int sectorSize = options.logicalSectorSize();
        Plan plan =
                new Plan(diskSize + Math.floorMod(-diskSize, sectorSize), blockSize, isFixed, sectorSize, options.id());
        if (isFixed) {
            // Where the channel can seek the headers come last, so that a file which was not finished is not taken.
            boolean headersLast = output instanceof SeekableByteChannel;
            FileOutput file = FileOutput.inOrder(output);
            plan.appendFixed(file, headersLast);
            return new OrderedWriter(diskSize, new FlatSink(file, end -> plan.completeFixed(end, headersLast)));
        }
        FileOutput file = FileOutput.seekable(output, name());
        return BlockCutter.writer(diskSize, blockSize, new DynamicWriter(file, plan));
    }

    private static int usualBlockSize(long diskSize) {
        long blockSize = Layout.MIN_BLOCK_SIZE;
        while (diskSize > blockSize * USUAL_BLOCKS) {
            blockSize *= 2;
        }
        return (int) blockSize;
    }
}
