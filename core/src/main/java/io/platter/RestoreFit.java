package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.partition.Gpt;
import io.platter.partition.Partition;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.pipeline.DiskWindow;
import java.io.IOException;
import java.util.Iterator;

/** Whether and how an image goes to a disk of another size, or a part of it to a partition. */
final class RestoreFit {
    private RestoreFit() {}

    /** Refuses a disk that can't be written, or whose sectors are others. */
    static void checkDisk(BlockDevice disk, int logicalSectorSize, boolean anySectorSize) {
        if (!disk.isWritable()) {
            throw new IllegalStateException(disk.name() + " is open for reading only");
        }
        if (!anySectorSize && disk.logicalSectorSize() != logicalSectorSize) {
            throw new IllegalArgumentException(disk.name() + " has sectors of " + disk.logicalSectorSize()
                    + " bytes, the image is of a disk with " + logicalSectorSize
                    + ": its partition table and filesystems would not be understood");
        }
    }

    /** Refuses a disk that is smaller. */
    static void checkSize(BlockDevice disk, long size) {
        if (disk.size() < size) {
            throw new IllegalArgumentException(disk.name() + " has " + disk.size() + " bytes, the image needs " + size);
        }
    }

    /** Returns both ends of a disk, and the partition table wherever it is: without them, a disk does not boot. */
    static ExtentSet writtenLast(BlockDevice source) throws IOException {
        long size = source.size();
        return ExtentSet.builder()
                .addAll(PartitionTables.read(source).tableExtents().intersection(ExtentSet.of(0, size)), 0)
                .add(0, Math.min(Restore.WRITTEN_LAST, size))
                .add(Math.max(0, size - Restore.WRITTEN_LAST), Math.min(Restore.WRITTEN_LAST, size))
                .build();
    }

    /** Returns the partition of an image's disk that has a number. */
    static Partition partition(Image image, int index) throws IOException {
        PartitionTable table = PartitionTables.read(image.asDevice());
        return table.partitions().stream()
                .filter(partition -> partition.index() == index)
                .filter(partition -> partition.end() <= image.size())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the image has no partition " + index
                        + " in its table of kind " + table.scheme().code()));
    }

    /** Returns the window through which a partition of the image goes to a device of its own. */
    static DiskWindow window(Image image, Partition partition, BlockDevice disk) {
        checkSize(disk, partition.length());
        return new DiskWindow(disk, partition.diskOffset(), partition.length(), image.size());
    }

    /**
     * Returns the window through which the image goes to a smaller disk.
     *
     * @throws IllegalArgumentException if a partition, or anything else that is kept, would be cut off
     */
    static DiskWindow smallerWindow(Image image, BlockDevice disk) throws IOException {
        PartitionTable table = PartitionTables.read(image.asDevice());
        long smallest = table instanceof Gpt gpt ? gpt.minimumDiskSize() : 0;
        for (Partition partition : table.partitions()) {
            smallest = Math.max(smallest, partition.end());
        }
        ExtentSet tableExtents = table.tableExtents();
        for (Iterator<Extent> extents = image.extents().iterator(); extents.hasNext(); ) {
            Extent extent = extents.next();
            boolean isEmpty = extent.kind() == ExtentKind.UNUSED || extent.kind() == ExtentKind.ZERO;
            if (!isEmpty && extent.end() > disk.size()) {
                long from = Math.max(extent.offset(), disk.size());
                ExtentSet kept = tableExtents.complement(from, extent.end());
                // The grid rounds what is kept of the table's backup up to whole cells.
                boolean onlyTable = tableExtents.intersects(from, extent.end() - from)
                        && (kept.count() == 0 || kept.bytes() < 2L * 4096);
                smallest = onlyTable ? smallest : Math.max(smallest, extent.end());
            }
        }
        if (smallest > disk.size()) {
            throw new IllegalArgumentException(
                    disk.name() + " has " + disk.size() + " bytes, what the image uses needs " + smallest);
        }
        return new DiskWindow(disk, 0, disk.size(), image.size());
    }

    /** On a disk of another size a GPT's backup belongs to that disk's end. */
    static void moveBackupTable(PartitionTable table, BlockDevice disk) throws IOException {
        if (table instanceof Gpt gpt && gpt.isSound()) {
            PartitionTables.write(gpt.fittedTo(disk.size()), disk);
        }
    }
}
