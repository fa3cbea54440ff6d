package io.platter.partition;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes an MBR of a layout, with an extended partition around the logical ones.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class MbrPlan {
    private final long alignment;
    private final int sectorSize;
    private final int diskId;
    private final List<PartitionSpec> specs;
    private final List<Placement.Place> places;
    private final List<Partition> partitions = new ArrayList<>();
    private final List<TableBlock> blocks = new ArrayList<>();

    private MbrPlan(PartitionLayout layout, int diskId, long diskSize, int sectorSize) {
        this.alignment = layout.alignment();
        this.sectorSize = sectorSize;
        this.diskId = diskId;
        this.specs = layout.partitions();
        long end = Math.min(diskSize / sectorSize, MbrEntry.MAX_SECTORS) * sectorSize;
        this.places = Placement.place(specs, sectorSize, end, alignment, sectorSize);
    }

    static Mbr table(PartitionLayout layout, int diskId, long diskSize, int sectorSize) {
        MbrPlan plan = new MbrPlan(layout, diskId, diskSize, sectorSize);
        BootRecord master = plan.master();
        plan.partitions.addAll(Mbr.primaries(master, sectorSize));
        plan.blocks.add(new TableBlock(0, master.sector()));
        plan.addLogicals(master);
        return new Mbr(sectorSize, diskSize, plan.blocks, plan.partitions, new Findings());
    }

    private BootRecord master() {
        byte[] sector = new byte[sectorSize];
        ByteBuffer record = record(sector).putInt(BootRecord.DISK_ID_POSITION, diskId);
        int slot = 0;
        for (int i = 0; i < specs.size(); i++) {
            if (!specs.get(i).isLogical()) {
                entry(i, 0).encode(record, slot++, 0);
            } else if (i == firstLogical()) {
                extended().encode(record, slot++, 0);
            }
        }
        return new BootRecord(sector);
    }

    private static ByteBuffer record(byte[] sector) {
        return ByteBuffer.wrap(sector)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(BootRecord.SIGNATURE_POSITION, BootRecord.SIGNATURE);
    }

    /** Returns the number of the first logical partition in the layout, or that of its partitions if none is. */
    private int firstLogical() {
        int i = 0;
        while (i < specs.size() && !specs.get(i).isLogical()) {
            i++;
        }
        return i;
    }

    /** Returns the entry of a partition in a record at a disk offset, from which the entry counts. */
    private MbrEntry entry(int i, long record) {
        PartitionSpec spec = specs.get(i);
        return new MbrEntry(
                spec.isBootable() ? MbrEntry.ACTIVE : 0,
                PartitionType.of(PartitionScheme.MBR, spec.type()).mbrCode(),
                (places.get(i).diskOffset() - record) / sectorSize,
                places.get(i).length() / sectorSize);
    }

    private MbrEntry extended() {
        int last = firstLogical();
        while (last + 1 < specs.size() && specs.get(last + 1).isLogical()) {
            last++;
        }
        return link(
                MbrEntry.EXTENDED_LBA, 0, ebr(firstLogical()), places.get(last).end());
    }

    private MbrEntry link(int type, long base, long from, long to) {
        return new MbrEntry(0, type, (from - base) / sectorSize, (to - from) / sectorSize);
    }

    /** Returns the disk offset of the EBR before a logical partition. */
    private long ebr(int i) {
        return places.get(i).diskOffset() - alignment;
    }

    private void addLogicals(BootRecord master) {
        int first = firstLogical();
        for (int i = first; i < specs.size() && specs.get(i).isLogical(); i++) {
            byte[] sector = new byte[sectorSize];
            ByteBuffer record = record(sector);
            MbrEntry entry = entry(i, ebr(i));
            entry.encode(record, 0, ebr(i) / sectorSize);
            if (i + 1 < specs.size() && specs.get(i + 1).isLogical()) {
                link(
                                MbrEntry.EXTENDED,
                                ebr(first),
                                ebr(i + 1),
                                places.get(i + 1).end())
                        .encode(record, 1, ebr(first) / sectorSize);
            }
            blocks.add(new TableBlock(ebr(i), sector));
            int index = Mbr.FIRST_LOGICAL + i - first;
            partitions.add(Mbr.partition(master, index, entry, places.get(i).diskOffset(), sectorSize));
        }
    }
}
