package io.platter.partition;

import io.platter.block.ExtentSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A GUID partition table: a protective MBR in the first sector, then a header with its entries, and a copy of both at
 * the end of the disk.
 *
 * <p>{@link PartitionTables#write} writes both copies, whichever of them the table was read from: that is how a damaged
 * copy is repaired. Immutable.
 */
public final class Gpt implements PartitionTable {
    private final int sectorSize;
    private final long diskSize;
    private final GptHeader header;
    private final long backupEntriesLba;
    private final byte[] entries;
    private final BootRecord bootRecord;
    private final List<Partition> partitions;
    private final List<Finding> findings;

    /**
     * Creates a table and looks for what is wrong with it.
     *
     * @param diskSize the size of the disk that it is on, in bytes
     * @param header the primary header
     * @param backupEntriesLba the sector from which the copy of the entries stands
     * @param findings what was found while the table was read; takes what is found here
     */
    Gpt(
            int sectorSize,
            long diskSize,
            GptHeader header,
            long backupEntriesLba,
            byte[] entries,
            BootRecord bootRecord,
            Findings findings) {
        this.sectorSize = sectorSize;
        this.diskSize = diskSize;
        this.header = header;
        this.backupEntriesLba = backupEntriesLba;
        this.entries = entries;
        this.bootRecord = bootRecord;
        this.partitions = List.copyOf(GptEntries.decode(entries, header, sectorSize, findings));
        GptCheck.check(this, findings);
        this.findings = findings.list();
    }

    @Override
    public PartitionScheme scheme() {
        return PartitionScheme.GPT;
    }

    @Override
    public int sectorSize() {
        return sectorSize;
    }

    @Override
    public String id() {
        return Guid.text(header.diskId());
    }

    @Override
    public List<Partition> partitions() {
        return partitions;
    }

    /** Returns the partitions that a hybrid MBR shows to systems that know no GPT; none if it is only protective. */
    public List<Partition> hybridPartitions() {
        return bootRecord.isHybrid() ? Mbr.primaries(bootRecord, sectorSize) : List.of();
    }

    @Override
    public List<Finding> findings() {
        return findings;
    }

    @Override
    public ExtentSet tableExtents() {
        return TableBlock.extents(stages().stream().flatMap(List::stream).toList(), diskSize);
    }

    /** Returns the size of the smallest disk that {@link #fittedTo} accepts, in bytes. */
    public long minimumDiskSize() {
        long used = header.firstUsable() * sectorSize;
        for (Partition partition : partitions) {
            used = Math.max(used, partition.end());
        }
        return Math.addExact(used, (header.entriesSectors(sectorSize) + 1) * sectorSize);
    }

    /**
     * Returns this table for a disk of another size: its copy at the end of that disk, all that lies before it usable,
     * the partitions as they are.
     *
     * @param newDiskSize the size of that disk, in bytes
     * @throws IllegalArgumentException if the disk is smaller than {@link #minimumDiskSize}
     */
    public Gpt fittedTo(long newDiskSize) {
        if (newDiskSize < minimumDiskSize()) {
            throw new IllegalArgumentException(
                    "the partitions need a disk of " + minimumDiskSize() + " bytes, this one has " + newDiskSize);
        }
        long alternateLba = newDiskSize / sectorSize - 1;
        long newBackupEntriesLba = alternateLba - header.entriesSectors(sectorSize);
        return new Gpt(
                sectorSize,
                newDiskSize,
                header.fitted(alternateLba, newBackupEntriesLba - 1),
                newBackupEntriesLba,
                entries,
                new BootRecord(bootRecord.protecting(newDiskSize / sectorSize)),
                new Findings());
    }

    /**
     * Returns this table with a new identity of the disk and of each partition, for a copy that shall live beside its
     * original. What refers to the old ones, such as a boot loader's entry, no longer finds them.
     *
     * @param random where the identities come from
     */
    public Gpt withNewIds(RandomGenerator random) {
        byte[] renewed = GptEntries.withNewIds(entries, header.entrySize(), random);
        return new Gpt(
                sectorSize,
                diskSize,
                header.over(Guid.random(random), renewed),
                backupEntriesLba,
                renewed,
                bootRecord,
                new Findings());
    }

    GptHeader header() {
        return header;
    }

    long diskSize() {
        return diskSize;
    }

    long backupEntriesLba() {
        return backupEntriesLba;
    }

    BootRecord bootRecord() {
        return bootRecord;
    }

    /**
     * Returns the sectors of the table in the order in which they are written. After each stage all that is written is
     * on the medium: a fall of power in any of them leaves one good copy, the old or the new.
     */
    List<List<TableBlock>> stages() {
        GptHeader backup = header.other(header.alternateLba(), backupEntriesLba);
        return List.of(
                List.of(entriesAt(backup), headerBlock(backup)),
                List.of(entriesAt(header), headerBlock(header)),
                List.of(new TableBlock(0, bootRecord.protecting(header.alternateLba() + 1))));
    }

    private TableBlock entriesAt(GptHeader copy) {
        byte[] sectors = new byte[(int) header.entriesSectors(sectorSize) * sectorSize];
        System.arraycopy(entries, 0, sectors, 0, entries.length);
        return new TableBlock(copy.entriesLba() * sectorSize, sectors);
    }

    private TableBlock headerBlock(GptHeader copy) {
        return new TableBlock(copy.myLba() * sectorSize, copy.encode(sectorSize));
    }
}
