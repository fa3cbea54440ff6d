package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.engine.read.StoredImage;
import io.platter.filesystem.VolumeSize;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.partition.Finding;
import io.platter.partition.Finding.Severity;
import io.platter.partition.Gpt;
import io.platter.partition.Partition;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.partition.Unpartitioned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where an image goes and what else is done there: all that can be refused is refused when the plan is made, before the
 * first byte is written.
 *
 * <p>Immutable.
 *
 * @param device what the image goes to
 * @param window the part of the image's disk that goes there, if not all does
 * @param last what is written last, in bytes of the image's disk
 * @param marks where marks of what was there before are erased if the image has no bytes there, in bytes of the image's
 *     disk
 * @param past where such marks are erased past the end of what the image has, in bytes of the device
 * @param table the partition table, if the device needs another than the image has
 * @param findings what the user should know
 */
public record RestorePlan(
        BlockDevice device,
        Optional<DiskWindow> window,
        ExtentSet last,
        ExtentSet marks,
        ExtentSet past,
        Optional<Gpt> table,
        List<Finding> findings) {
    /** The unit in which an image keeps bytes: what is kept of a table is rounded up to it. */
    private static final long CELL = 4096;

    /**
     * Plans to restore all of an image, to a disk.
     *
     * @throws IllegalArgumentException if the disk is too small, or has other sectors
     */
    public static RestorePlan whole(StoredImage image, BlockDevice disk, boolean allowSmaller, boolean anySectorSize)
            throws IOException {
        checkWritable(disk);
        boolean isSmaller = disk.size() < image.size();
        if (isSmaller && !allowSmaller) {
            checkSize(disk, image.size());
        }
        DiskLayout layout = DiskLayout.of(image.asDevice());
        checkSectors(disk, layout.sectorSize(), anySectorSize);
        if (isSmaller) {
            checkSize(disk, smallestDisk(image, layout, disk.size()));
        }
        List<Finding> findings = errors(layout);
        Optional<Gpt> table = layout.movedTo(disk, findings);
        ExtentSet tableExtents = table.map(PartitionTable::tableExtents).orElse(ExtentSet.EMPTY);
        ExtentSet marks = layout.marks(disk.size());
        return new RestorePlan(
                disk,
                isSmaller ? Optional.of(new DiskWindow(disk, 0, disk.size(), image.size())) : Optional.empty(),
                layout.writtenLast().union(tableExtents),
                marks,
                past(marks, image.size(), disk.size()).intersection(tableExtents.complement(0, disk.size())),
                table,
                List.copyOf(findings));
    }

    /** Plans to restore one partition of an image to a device of its own. */
    public static RestorePlan partition(StoredImage image, int index, BlockDevice device, boolean anySectorSize)
            throws IOException {
        checkWritable(device);
        DiskLayout layout = DiskLayout.of(image.asDevice());
        checkSectors(device, layout.sectorSize(), anySectorSize);
        Partition partition = partition(layout, index);
        checkSize(device, partition.length());
        ExtentSet marks = layout.marksOf(partition, device.size());
        return new RestorePlan(
                device,
                Optional.of(new DiskWindow(device, partition.diskOffset(), partition.length(), image.size())),
                ExtentSet.builder()
                        .addAll(DiskLayout.ends(partition.length()), partition.diskOffset())
                        .build(),
                ExtentSet.builder()
                        .addAll(marks.intersection(ExtentSet.of(0, partition.length())), partition.diskOffset())
                        .build(),
                past(marks, partition.length(), device.size()),
                Optional.empty(),
                List.copyOf(errors(layout)));
    }

    /**
     * Plans to restore to a new file, which has the right size and reads as zeros.
     *
     * @param index the partition that goes there, or nothing if all of the disk does
     */
    public static RestorePlan newFile(StoredImage image, OptionalInt index, BlockDevice file) throws IOException {
        DiskLayout layout = DiskLayout.of(image.asDevice());
        Optional<DiskWindow> window = Optional.empty();
        if (index.isPresent()) {
            Partition partition = partition(layout, index.getAsInt());
            window = Optional.of(new DiskWindow(file, partition.diskOffset(), partition.length(), image.size()));
        }
        return new RestorePlan(
                file,
                window,
                ExtentSet.EMPTY,
                ExtentSet.EMPTY,
                ExtentSet.EMPTY,
                Optional.empty(),
                List.copyOf(errors(layout)));
    }

    /** Returns how large a new file for a partition, or for all of an image's disk, is in bytes. */
    public static long sizeOf(StoredImage image, OptionalInt index) throws IOException {
        return index.isPresent()
                ? partition(DiskLayout.of(image.asDevice()), index.getAsInt()).length()
                : image.size();
    }

    private static void checkWritable(BlockDevice disk) {
        if (!disk.isWritable()) {
            throw new IllegalStateException(disk.name() + " is open for reading only");
        }
    }

    /** Refuses a disk that can't be written, or whose sectors are not those that its content will count in. */
    public static void checkDisk(BlockDevice disk, int sectorSize, boolean anySectorSize) {
        checkWritable(disk);
        checkSectors(disk, sectorSize, anySectorSize);
    }

    private static void checkSectors(BlockDevice disk, int sectorSize, boolean anySectorSize) {
        if (!anySectorSize && disk.logicalSectorSize() != sectorSize) {
            throw new IllegalArgumentException(disk.name() + " has sectors of " + disk.logicalSectorSize()
                    + " bytes, the image is of a disk with " + sectorSize
                    + ": its partition table and filesystems would not be understood");
        }
    }

    /** Refuses a disk that is smaller. */
    public static void checkSize(BlockDevice disk, long size) {
        if (disk.size() < size) {
            throw new IllegalArgumentException(disk.name() + " has " + disk.size() + " bytes, the image needs " + size);
        }
    }

    /** Returns the places from the end of what is restored on. */
    public static ExtentSet past(ExtentSet marks, long end, long deviceSize) {
        return end < deviceSize ? marks.intersection(ExtentSet.of(end, deviceSize - end)) : ExtentSet.EMPTY;
    }

    private static Partition partition(DiskLayout layout, int index) {
        return layout.table().partitions().stream()
                .filter(partition -> partition.index() == index)
                .filter(partition -> partition.end() <= layout.disk().size())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the image has no partition " + index
                        + " in its table of kind " + layout.table().scheme().code()));
    }

    /** Returns why the image's partition table can't be believed. */
    private static List<Finding> errors(DiskLayout layout) {
        return new ArrayList<>(layout.table().findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .toList());
    }

    /**
     * Returns how large a disk must be for what an image uses: for its partitions, or the volume on a disk without them,
     * as large as it says that it is; for its table; and for all else that is kept.
     *
     * @param diskSize a size that is less than the image's; what is kept before that is not looked at
     */
    public static long smallestDisk(StoredImage image, DiskLayout layout, long diskSize) throws IOException {
        PartitionTable table = layout.table();
        long smallest = table instanceof Gpt gpt ? gpt.minimumDiskSize() : 0;
        for (Partition partition : table.partitions()) {
            smallest = Math.max(smallest, partition.end());
        }
        ExtentSet tableCells = cellsAround(table.tableExtents());
        boolean isEmpty = true;
        for (Iterator<ImageExtent> extents = image.extents(); extents.hasNext(); ) {
            ImageExtent extent = extents.next();
            if (extent.kind() == ImageExtentKind.UNUSED || extent.kind() == ImageExtentKind.ZERO) {
                continue;
            }
            isEmpty = false;
            long from = Math.max(extent.offset(), diskSize);
            if (from < extent.end() && !tableCells.contains(from, extent.end() - from)) {
                smallest = Math.max(smallest, extent.end());
            }
        }
        if (table instanceof Unpartitioned && !isEmpty) {
            smallest = Math.max(smallest, VolumeSize.of(layout.disk()).orElse(image.size()));
        }
        return smallest;
    }

    /** Returns the bytes of a table and a cell at either side, since what is kept is rounded up to whole cells. */
    private static ExtentSet cellsAround(ExtentSet table) {
        ExtentSet.Builder cells = ExtentSet.builder();
        for (int run = 0; run < table.count(); run++) {
            long start = Math.max(0, table.offset(run) - CELL);
            cells.add(start, table.end(run) + CELL - start);
        }
        return cells.build();
    }

    /** Returns where the image's bytes go, by their place on the image's disk. */
    BlockDevice target() {
        return window.isPresent() ? window.get() : device;
    }

    /** Erases the marks past the end of what the image has. */
    void erasePast(boolean compare) throws IOException {
        erase(device, past, compare);
    }

    /** Makes zeros of some places on a device. */
    public static void erase(BlockDevice device, ExtentSet places, boolean compare) throws IOException {
        RestoreTarget target = new RestoreTarget(device, compare, false, ExtentSet.EMPTY, ExtentSet.EMPTY);
        for (int run = 0; run < places.count(); run++) {
            long offset = places.offset(run);
            target.writeRun(new ImageExtent(offset, places.end(run) - offset, ImageExtentKind.ZERO));
        }
    }

    /** Does what is left to do when all of the image's bytes are there, but for {@link RestoreTarget#finish}. */
    void complete(RestoreTarget target) throws IOException {
        target.erase(marks);
        if (table.isPresent()) {
            PartitionTables.write(table.get(), target.asDevice(device.size(), device.logicalSectorSize()));
        }
    }
}
