package io.platter.virtualdisk.qcow2;

import io.platter.block.BlockDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.OrderedWriter;
import io.platter.virtualdisk.spi.Parents;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * QEMU's own format, versions 2 and 3.
 *
 * <p>Read: all of it but encryption; the parent and an external data file through the resolver. Written: version 3 in
 * ascending order, with compressed clusters if asked for.
 */
public final class Qcow2Format implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public Qcow2Format() {}

    private static final int USUAL_CLUSTER_SIZE = 1 << 16;
    private static final int MAX_CLUSTER_SIZE = 1 << Layout.MAX_CLUSTER_BITS;
    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "qcow2";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        if (file.size() < Layout.V2_HEADER_LENGTH) {
            return false;
        }
        ByteBuffer start = ByteBuffer.allocate(8);
        file.read(start, 0);
        int version = start.getInt(4);
        return start.getInt(0) == Layout.MAGIC && (version == 2 || version == 3);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        Header header = Header.read(file);
        long diskSize = header.diskSize();
        Header.L1 l1 = header.l1();
        if (options.snapshot().isPresent()) {
            Snapshots.Snapshot snapshot =
                    Snapshots.find(file, header, options.snapshot().get());
            diskSize = snapshot.diskSize();
            l1 = snapshot.l1(file, header);
        }
        List<Closeable> owned = new ArrayList<>();
        try {
            BlockDevice dataFile = file;
            if (header.dataFile() != null) {
                dataFile = options.resolver().resolve("extent", header.dataFile());
                owned.add(dataFile);
            }
            BlockDevice parent = null;
            if (header.backingName() != null) {
                Parents.Parent opened = openParent(file, header, header.backingName(), options);
                owned.addAll(opened.owned());
                parent = opened.disk();
            }
            ClusterMap map = new ClusterMap(file, dataFile, header, l1, diskSize);
            owned.add(map);
            return new MappedDisk(file, diskSize, SECTOR, map, parent, owned);
        } catch (IOException | RuntimeException e) {
            MappedDisk.closeAfter(e, owned);
            throw e;
        }
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        Header header = Header.read(file);
        return new VirtualDiskInfo(
                header.clusterSize(),
                Snapshots.read(file, header).stream()
                        .map(snapshot ->
                                new VirtualDiskInfo.Snapshot(snapshot.id(), snapshot.name(), snapshot.diskSize()))
                        .toList());
    }

    private static Parents.Parent openParent(
            BlockDevice file, Header header, String backingName, VirtualDiskOptions options) throws IOException {
        @Nullable String named = header.backingFormat();
        VirtualDiskFormat format = named == null ? null : formatNamed(file, named, options);
        return Parents.open(file, header.backingNameOffset(), backingName, format, options, parentFile -> {});
    }

    /** Returns the format that QEMU calls by this name. */
    private static VirtualDiskFormat formatNamed(BlockDevice file, String qemuName, VirtualDiskOptions options)
            throws UnsupportedImageException {
        String name = qemuName.equals("vpc") ? "vhd" : qemuName;
        return options.parentFormats().stream()
                .filter(format -> format.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnsupportedImageException(file.name(), "a parent of format \"" + name + "\""));
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
        int clusterSize = options.blockSize() == 0 ? USUAL_CLUSTER_SIZE : options.blockSize();
        if (clusterSize > MAX_CLUSTER_SIZE) {
            throw new IllegalArgumentException(
                    "cluster size " + clusterSize + ", expected at most " + MAX_CLUSTER_SIZE);
        }
        long span = clusterSize / 8L * clusterSize;
        OrderedWriter.checkDiskSize(name(), diskSize, Layout.MAX_L1_ENTRIES * span);
        FileOutput file = FileOutput.seekable(output, name());
        ClusterWriter writer =
                new ClusterWriter(file, diskSize + Math.floorMod(-diskSize, SECTOR), clusterSize, options);
        return BlockCutter.writer(diskSize, clusterSize, writer);
    }
}
