package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.filesystem.VolumeMarks;
import io.platter.partition.Finding;
import io.platter.partition.Finding.Severity;
import io.platter.partition.Gpt;
import io.platter.partition.Partition;
import io.platter.partition.PartitionFlag;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.partition.Unpartitioned;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * How the disk that is restored or converted is divided, and what follows from that for the disk that takes it.
 *
 * <p>Immutable, as long as the disk is.
 *
 * @param disk what is restored: an image's disk, or a disk that was read back
 * @param table its partition table
 */
public record DiskLayout(BlockDevice disk, PartitionTable table) {
    /** How much is written last at either end of the disk, in bytes. */
    static final long WRITTEN_LAST = 1 << 20;

    /** Reads the layout of a disk. */
    public static DiskLayout of(BlockDevice disk) throws IOException {
        return new DiskLayout(disk, PartitionTables.read(disk));
    }

    /** Returns the size of the sectors in which the disk's content counts, in bytes. */
    public int sectorSize() {
        return PartitionTables.contentSectorSize(disk, table);
    }

    /** Returns both ends of a disk, and the partition table wherever it is: without them, a disk does not boot. */
    public ExtentSet writtenLast() {
        long size = disk.size();
        return table.tableExtents().intersection(ExtentSet.of(0, size)).union(ends(size));
    }

    /** Returns both ends of a disk or a volume of so many bytes. */
    static ExtentSet ends(long size) {
        return ExtentSet.builder()
                .add(0, Math.min(WRITTEN_LAST, size))
                .add(Math.max(0, size - WRITTEN_LAST), Math.min(WRITTEN_LAST, size))
                .build();
    }

    /** Returns where systems will look for marks of volumes and partition tables on a disk that has this layout. */
    public ExtentSet marks(long diskSize) throws IOException {
        List<Partition> partitions = table.partitions().stream()
                .filter(partition -> !partition.is(PartitionFlag.EXTENDED))
                .filter(partition -> partition.end() <= disk.size())
                .toList();
        ExtentSet.Builder marks = ExtentSet.builder().addAll(VolumeMarks.places(diskSize), 0);
        List<ExtentSet> inside =
                VolumeMarks.places(partitions.stream().map(this::slice).toList());
        for (int i = 0; i < inside.size(); i++) {
            marks.addAll(inside.get(i), partitions.get(i).diskOffset());
        }
        if (table instanceof Unpartitioned && disk.size() > 0) {
            marks.addAll(VolumeMarks.places(List.of(disk)).get(0), 0);
        }
        return marks.build().intersection(ExtentSet.of(0, diskSize));
    }

    /**
     * Returns where systems will look for marks on a device that takes one of the partitions only.
     *
     * @return counted from the start of the partition
     */
    ExtentSet marksOf(Partition partition, long deviceSize) throws IOException {
        return VolumeMarks.places(deviceSize)
                .union(VolumeMarks.places(List.of(slice(partition))).get(0));
    }

    private BlockDevice slice(Partition partition) {
        return disk.slice(partition.diskOffset(), partition.length());
    }

    /**
     * Returns the table that a disk of another size needs: of a GPT, the one whose backup is at that disk's end.
     *
     * @param target a disk that takes this one from its start on
     * @param findings takes why a GPT's backup can't be at the end
     */
    public Optional<Gpt> movedTo(BlockDevice target, List<Finding> findings) {
        if (!(table instanceof Gpt gpt) || target.size() == disk.size()) {
            return Optional.empty();
        }
        if (!gpt.isSound()) {
            findings.add(new Finding(
                    Severity.WARNING, 0, "the GPT is not sound: its backup is not moved to the end of the disk"));
            return Optional.empty();
        }
        if (gpt.minimumDiskSize() > target.size()) {
            findings.add(new Finding(
                    Severity.WARNING,
                    gpt.minimumDiskSize(),
                    "the GPT has no backup: there is room for one on a disk of " + gpt.minimumDiskSize() + " bytes, "
                            + target.name() + " has " + target.size()));
            return Optional.empty();
        }
        Gpt moved = gpt.fittedTo(target.size());
        PartitionTables.check(moved, target);
        return Optional.of(moved);
    }
}
