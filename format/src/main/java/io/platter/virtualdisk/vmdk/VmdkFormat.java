package io.platter.virtualdisk.vmdk;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.OrderedWriter;
import io.platter.virtualdisk.spi.Parents;
import io.platter.virtualdisk.spi.Subformats;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * VMware's format.
 *
 * <p>Read: sparse and stream-optimized disks in one file, and descriptors, whose extents (flat, sparse, or of ESX
 * Server's sparse kind) come through the resolver, just as a parent. Written: {@code streamOptimized}, in one pass.
 */
public final class VmdkFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public VmdkFormat() {}

    @Override
    public String name() {
        return "vmdk";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return Header.isThere(file) || Descriptor.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        List<Closeable> owned = new ArrayList<>();
        try {
            return open(file, options, owned);
        } catch (IOException | RuntimeException e) {
            MappedDisk.closeAfter(e, owned);
            throw e;
        }
    }

    private BlockDevice open(BlockDevice file, VirtualDiskOptions options, List<Closeable> owned) throws IOException {
        Descriptor descriptor;
        DiskMap map;
        long size;
        Header header = Header.isThere(file) ? Header.read(file) : null;
        if (header != null && header.capacity() > 0) {
            descriptor = Descriptor.embedded(file, header);
            if (descriptor.extents().size() > 1) {
                throw new UnsupportedImageException(
                        file.name(), "a descriptor in a file of its own, for its disk has several extents");
            }
            map = new GrainMap(file, header);
            size = header.capacity();
        } else {
            descriptor = Descriptor.of(file);
            FileExtents extents = FileExtents.open(file.name(), descriptor, options.resolver(), owned);
            map = extents;
            size = extents.size();
        }
        BlockDevice parent = null;
        if (descriptor.hasParent()) {
            Parents.Parent opened = openParent(file, descriptor, options);
            owned.addAll(0, opened.owned());
            parent = opened.disk();
        }
        return new MappedDisk(file, size, Layout.SECTOR, map, parent, owned);
    }

    private Parents.Parent openParent(BlockDevice file, Descriptor descriptor, VirtualDiskOptions options)
            throws IOException {
        if (descriptor.parentName().isEmpty()) {
            throw new CorruptImageException(
                    file.name(), descriptor.offset(), "a descriptor with parentCID and without parentFileNameHint");
        }
        return Parents.open(
                file,
                descriptor.parentNameOffset(),
                descriptor.parentName(),
                this,
                options,
                parentFile -> checkParent(file, descriptor, parentFile));
    }

    private static void checkParent(BlockDevice file, Descriptor descriptor, BlockDevice parentFile)
            throws IOException {
        long parentId = Descriptor.of(parentFile).contentId();
        if (parentId != descriptor.parentId()) {
            throw new CorruptImageException(
                    file.name(),
                    descriptor.parentNameOffset(),
                    "parent " + parentFile.name() + " has the CID " + Long.toHexString(parentId) + ", expected "
                            + Long.toHexString(descriptor.parentId()));
        }
    }

    /** A descriptor alone has no blocks: each of its extents has its own. */
    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(Header.isThere(file) ? Header.read(file).grainSize() : 0);
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        Subformats.choose(options, name(), "streamOptimized");
        return true;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        Subformats.choose(options, name(), "streamOptimized");
        OrderedWriter.checkDiskSize(name(), diskSize, Layout.MAX_DISK_SIZE);
        int grainSize = options.blockSize() == 0 ? Layout.USUAL_GRAIN_SIZE : options.blockSize();
        if (diskSize == 0) {
            throw new IllegalArgumentException("disk size 0, expected at least 1 for vmdk");
        }
        if (grainSize < Layout.MIN_WRITTEN_GRAIN_SIZE || grainSize > Layout.USUAL_GRAIN_SIZE) {
            throw new IllegalArgumentException("grain size " + grainSize + ", expected " + Layout.MIN_WRITTEN_GRAIN_SIZE
                    + " to " + Layout.USUAL_GRAIN_SIZE);
        }
        long rounded = diskSize + Math.floorMod(-diskSize, Layout.SECTOR);
        StreamWriter writer = new StreamWriter(
                FileOutput.inOrder(output), rounded, grainSize, options.compressionLevel(), options.id());
        return BlockCutter.writer(diskSize, grainSize, writer);
    }
}
