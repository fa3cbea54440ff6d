package io.platter.filesystem;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.image.PartitionSummary;
import io.platter.partition.Partition;
import io.platter.partition.PartitionFlag;
import io.platter.partition.PartitionScheme;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.partition.Unpartitioned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a disk is divided into, and which of its bytes are used.
 *
 * <p>A byte is unused only if a partition's filesystem proves it. All that is outside partitions, and the partition table
 * itself, counts as used; and if the table is not sound, everything does.
 *
 * <p>Immutable.
 */
public final class DiskAllocation {
    private final PartitionTable table;
    private final List<Volume> volumes;
    private final ExtentSet used;

    private DiskAllocation(PartitionTable table, List<Volume> volumes, ExtentSet used) {
        this.table = table;
        this.volumes = List.copyOf(volumes);
        this.used = used;
    }

    /**
     * A partition, or a whole disk without partitions, and what is in it.
     *
     * <p>Immutable.
     *
     * @param index the partition's number, or 0 for a whole disk
     * @param diskOffset where it starts, in bytes
     * @param length how long it is, in bytes
     * @param map which of its bytes are used, counted from its start
     */
    public record Volume(int index, long diskOffset, long length, AllocationMap map) {}

    /**
     * Reads the partition table of a disk, and the allocation of the filesystems in its partitions.
     *
     * @param disk a disk, or a partition as a device
     * @throws IOException if the disk can't be read
     */
    public static DiskAllocation of(BlockDevice disk) throws IOException {
        PartitionTable table = PartitionTables.read(disk);
        List<Volume> volumes = new ArrayList<>();
        List<Partition> partitions = partitionsWithContent(table).stream()
                .filter(partition -> partition.end() <= disk.size())
                .toList();
        List<AllocationMap> maps = Filesystems.probeAll(partitions.stream()
                .map(partition -> disk.slice(partition.diskOffset(), partition.length()))
                .toList());
        if (partitions.isEmpty() && mayBeOneVolume(table) && disk.size() > 0) {
            volumes.add(new Volume(0, 0, disk.size(), wholeDisk(disk, table)));
        }
        for (int i = 0; i < maps.size(); i++) {
            Partition partition = partitions.get(i);
            volumes.add(new Volume(partition.index(), partition.diskOffset(), partition.length(), maps.get(i)));
        }
        return new DiskAllocation(table, volumes, used(disk, table, volumes));
    }

    /** An MBR without a partition is the boot sector of a volume as well: most filesystems leave room for one. */
    private static boolean mayBeOneVolume(PartitionTable table) {
        return table instanceof Unpartitioned || table.scheme() == PartitionScheme.MBR;
    }

    private static AllocationMap wholeDisk(BlockDevice disk, PartitionTable table) throws IOException {
        return table.partitions().isEmpty()
                ? Filesystems.probe(disk)
                : AllocationMap.whole(
                        disk, "unknown", Reason.UNRECOGNISED, "the table has no partition that lies on the disk");
    }

    private static List<Partition> partitionsWithContent(PartitionTable table) {
        return table.partitions().stream()
                .filter(partition -> !partition.is(PartitionFlag.EXTENDED))
                .toList();
    }

    private static ExtentSet used(BlockDevice disk, PartitionTable table, List<Volume> volumes) {
        if (!table.isSound()) {
            return ExtentSet.of(0, disk.size());
        }
        ExtentSet.Builder inVolumes = ExtentSet.builder();
        ExtentSet.Builder used = ExtentSet.builder();
        for (Volume volume : volumes) {
            inVolumes.add(volume.diskOffset, volume.length);
            used.addAll(volume.map.used(), volume.diskOffset);
        }
        return used.addAll(inVolumes.build().complement(0, disk.size()), 0)
                .addAll(table.tableExtents(), 0)
                .build();
    }

    /** Returns the partition table. */
    public PartitionTable table() {
        return table;
    }

    /** Returns the partitions that hold something, or the whole disk if it has no partitions. */
    public List<Volume> volumes() {
        return volumes;
    }

    /** Returns the bytes that are used. */
    public ExtentSet used() {
        return used;
    }

    /** Returns what an image says about the partitions of a disk whose filesystems were not read. */
    public static List<PartitionSummary> summaries(PartitionTable table) {
        List<PartitionSummary> summaries = new ArrayList<>();
        for (Partition partition : partitionsWithContent(table)) {
            summaries.add(new PartitionSummary(
                    partition.index(), partition.diskOffset(), partition.length(), describe(partition)));
        }
        return summaries;
    }

    /** Returns what an image that leaves out unused bytes says about the partitions of this disk. */
    public List<PartitionSummary> summaries() {
        List<PartitionSummary> summaries = new ArrayList<>();
        Map<Integer, Partition> partitions = new TreeMap<>();
        partitionsWithContent(table).forEach(partition -> partitions.put(partition.index(), partition));
        for (Volume volume : volumes) {
            Partition partition = partitions.get(volume.index);
            Map<String, String> attributes = partition == null ? new TreeMap<>() : describe(partition);
            AllocationMap map = volume.map;
            attributes.put("filesystem", map.filesystem());
            putUnlessEmpty(attributes, "label", map.label());
            putUnlessEmpty(attributes, "uuid", map.uuid());
            attributes.put("state", map.state().code());
            attributes.put("used", String.valueOf(map.used().bytes()));
            boolean whole = !table.isSound();
            attributes.put(
                    "captured",
                    String.valueOf(whole ? volume.length : map.used().bytes()));
            attributes.put("reason", table.isSound() ? map.reason().code() : "partition-table");
            summaries.add(
                    new PartitionSummary(Math.max(1, volume.index), volume.diskOffset, volume.length, attributes));
        }
        return summaries;
    }

    private static Map<String, String> describe(Partition partition) {
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("type", partition.type().code());
        putUnlessEmpty(attributes, "name", partition.name());
        putUnlessEmpty(attributes, "id", partition.id());
        return attributes;
    }

    private static void putUnlessEmpty(Map<String, String> attributes, String name, String value) {
        if (!value.isEmpty()) {
            attributes.put(name, value);
        }
    }
}
