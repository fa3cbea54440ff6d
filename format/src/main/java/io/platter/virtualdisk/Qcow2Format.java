package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.UnsupportedImageException;
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
final class Qcow2Format implements VirtualDiskFormat {
    private static final int USUAL_CLUSTER_SIZE = 1 << 16;
    private static final int MAX_CLUSTER_SIZE = 1 << Qcow2Layout.MAX_CLUSTER_BITS;
    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "qcow2";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        if (file.size() < Qcow2Layout.V2_HEADER_LENGTH) {
            return false;
        }
        ByteBuffer start = ByteBuffer.allocate(8);
        file.read(start, 0);
        int version = start.getInt(4);
        return start.getInt(0) == Qcow2Layout.MAGIC && (version == 2 || version == 3);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        long diskSize = header.diskSize();
        Qcow2Header.L1 l1 = header.l1();
        if (options.snapshot().isPresent()) {
            Qcow2Snapshots.Snapshot snapshot =
                    Qcow2Snapshots.find(file, header, options.snapshot().get());
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
            Qcow2Map map = new Qcow2Map(file, dataFile, header, l1, diskSize);
            owned.add(map);
            return new MappedDisk(file, diskSize, SECTOR, map, parent, owned);
        } catch (IOException | RuntimeException e) {
            MappedDisk.closeAfter(e, owned);
            throw e;
        }
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        return new VirtualDiskInfo(
                header.clusterSize(),
                Qcow2Snapshots.read(file, header).stream()
                        .map(snapshot ->
                                new VirtualDiskInfo.Snapshot(snapshot.id(), snapshot.name(), snapshot.diskSize()))
                        .toList());
    }

    private static Parents.Parent openParent(
            BlockDevice file, Qcow2Header header, String backingName, VirtualDiskOptions options) throws IOException {
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
        OrderedWriter.checkDiskSize(name(), diskSize, Qcow2Layout.MAX_L1_ENTRIES * span);
        FileOutput file = FileOutput.seekable(output, name());
        Qcow2Writer writer = new Qcow2Writer(file, diskSize + Math.floorMod(-diskSize, SECTOR), clusterSize, options);
        return BlockCutter.writer(diskSize, clusterSize, writer);
    }
}
