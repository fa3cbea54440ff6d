package io.platter.partition;

import io.platter.block.ExtentSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The table of a master boot record: four partitions in the first sector of the disk, one of which may be extended and
 * hold logical ones, each after an extended boot record (EBR) that links to the next.
 *
 * <p>It has no copy, so nothing of it can be repaired. Immutable.
 */
public final class Mbr implements PartitionTable {
    /** The index of the first logical partition, by custom of all systems. */
    static final int FIRST_LOGICAL = 5;

    private final int sectorSize;
    private final long diskSize;
    private final List<TableBlock> blocks;
    private final BootRecord bootRecord;
    private final List<Partition> partitions;
    private final List<Finding> findings;

    /**
     * Creates a table.
     *
     * @param diskSize the size of the disk that it is on, in bytes
     * @param blocks the master boot record, and the extended ones by their chain
     * @param partitions all of them, by index
     */
    Mbr(int sectorSize, long diskSize, List<TableBlock> blocks, List<Partition> partitions, Findings findings) {
        this.sectorSize = sectorSize;
        this.diskSize = diskSize;
        this.blocks = List.copyOf(blocks);
        this.bootRecord = new BootRecord(blocks.get(0).bytes());
        this.partitions = List.copyOf(partitions);
        check(findings);
        this.findings = findings.list();
    }

    private void check(Findings findings) {
        List<Partition> primaries = new ArrayList<>();
        List<Partition> logicals = new ArrayList<>();
        for (Partition partition : partitions) {
            (partition.is(PartitionFlag.LOGICAL) ? logicals : primaries).add(partition);
        }
        PartitionCheck.check(primaries, sectorSize, diskSize, findings);
        for (Partition extended : primaries) {
            if (extended.is(PartitionFlag.EXTENDED)) {
                PartitionCheck.check(logicals, extended.diskOffset() + sectorSize, extended.end(), findings);
                break;
            }
        }
        for (TableBlock ebr : blocks.subList(1, blocks.size())) {
            logicals.stream()
                    .filter(logical -> logical.diskOffset() <= ebr.diskOffset() && ebr.diskOffset() < logical.end())
                    .forEach(
                            logical -> findings.error(ebr.diskOffset(), "an EBR lies in partition " + logical.index()));
        }
    }

    /** Returns the partitions that the first sector describes. */
    static List<Partition> primaries(BootRecord bootRecord, int sectorSize) {
        List<Partition> partitions = new ArrayList<>();
        for (int slot = 0; slot < 4; slot++) {
            MbrEntry entry = bootRecord.entries().get(slot);
            if (entry.isUsed() && !(bootRecord.isHybrid() && entry.type() == MbrEntry.PROTECTIVE)) {
                partitions.add(partition(bootRecord, slot + 1, entry, entry.start() * sectorSize, sectorSize));
            }
        }
        return partitions;
    }

    /**
     * Returns the partition of an entry.
     *
     * @param diskOffset where it starts, in bytes
     */
    static Partition partition(BootRecord bootRecord, int index, MbrEntry entry, long diskOffset, int sectorSize) {
        EnumSet<PartitionFlag> flags = EnumSet.noneOf(PartitionFlag.class);
        if (entry.flag() == MbrEntry.ACTIVE) {
            flags.add(PartitionFlag.BOOTABLE);
        }
        if (index >= FIRST_LOGICAL) {
            flags.add(PartitionFlag.LOGICAL);
        } else if (entry.isExtended()) {
            flags.add(PartitionFlag.EXTENDED);
        }
        return new Partition(
                index,
                diskOffset,
                entry.sectors() * sectorSize,
                PartitionType.mbr(entry.type()),
                "",
                bootRecord.diskId() == 0 ? "" : String.format("%08x-%02x", bootRecord.diskId(), index),
                0,
                flags);
    }

    @Override
    public PartitionScheme scheme() {
        return PartitionScheme.MBR;
    }

    @Override
    public int sectorSize() {
        return sectorSize;
    }

    @Override
    public String id() {
        return bootRecord.diskId() == 0 ? "" : String.format("0x%08x", bootRecord.diskId());
    }

    @Override
    public List<Partition> partitions() {
        return partitions;
    }

    @Override
    public List<Finding> findings() {
        return findings;
    }

    @Override
    public ExtentSet tableExtents() {
        return TableBlock.extents(blocks, diskSize);
    }

    /**
     * Returns this table with a new signature of the disk, from which the partitions' identities follow. What refers to
     * the old ones, such as the boot configuration of Windows, no longer finds them.
     *
     * @param random where the signature comes from
     */
    public Mbr withNewIds(RandomGenerator random) {
        byte[] sector = blocks.get(0).bytes().clone();
        int diskId = randomDiskId(random);
        ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN).putInt(BootRecord.DISK_ID_POSITION, diskId);
        List<TableBlock> renewed = new ArrayList<>(blocks);
        renewed.set(0, new TableBlock(0, sector));
        List<Partition> partitionsRenewed = new ArrayList<>();
        for (Partition partition : partitions) {
            partitionsRenewed.add(new Partition(
                    partition.index(),
                    partition.diskOffset(),
                    partition.length(),
                    partition.type(),
                    partition.name(),
                    String.format("%08x-%02x", diskId, partition.index()),
                    partition.attributes(),
                    partition.flags()));
        }
        return new Mbr(sectorSize, diskSize, renewed, partitionsRenewed, new Findings());
    }

    /** Returns a signature; 0 would mean that there is none. */
    static int randomDiskId(RandomGenerator random) {
        int diskId = random.nextInt();
        return diskId == 0 ? 1 : diskId;
    }

    /** Returns the sectors of the table in the order in which they are written: what is linked to before the link. */
    List<List<TableBlock>> stages() {
        List<TableBlock> ebrs = new ArrayList<>();
        for (int i = blocks.size() - 1; i > 0; i--) {
            ebrs.add(blocks.get(i));
        }
        return List.of(ebrs, blocks.subList(0, 1));
    }
}
