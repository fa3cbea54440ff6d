package io.platter.partition;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads partition tables from devices and writes them.
 *
 * <p>Safe for use by several threads, as far as they do not write to the same device.
 */
public final class PartitionTables {
    private PartitionTables() {}

    /**
     * Returns the size of the sectors in which the content of a disk counts, in bytes: that of its GPT, which tells it, or
     * else that of the disk.
     *
     * @throws IOException if the disk can't be read
     */
    public static int contentSectorSize(BlockDevice disk) throws IOException {
        return contentSectorSize(disk, read(disk));
    }

    /** Returns the size of the sectors in which the content of a disk with this table counts, in bytes. */
    public static int contentSectorSize(BlockDevice disk, PartitionTable table) {
        return table instanceof Gpt ? table.sectorSize() : disk.logicalSectorSize();
    }

    /**
     * Reads the partition table of a disk, taking its sectors to be of the size that the device says.
     *
     * @see #read(BlockDevice, int)
     */
    public static PartitionTable read(BlockDevice device) throws IOException {
        return read(device, device.logicalSectorSize());
    }

    /**
     * Reads the partition table of a disk as operating systems do: a GPT only if an MBR protects it, from the copy that
     * is good; else the MBR's own partitions; else an Apple partition map or a BSD disklabel. A boot sector of a volume
     * is no table.
     *
     * <p>Damage does not fail: what can be read is read, and the rest are findings. So does a sector that the device
     * can't read.
     *
     * @param sectorSize the size of the disk's sectors in bytes, a power of two from 512 to 65,536; what an image file
     *     of a disk can't say. A GPT for other sectors is found too
     * @throws IllegalArgumentException if the sector size is none
     * @throws IOException if the device fails otherwise than in reading sectors
     */
    public static PartitionTable read(BlockDevice device, int sectorSize) throws IOException {
        TableSource source = source(device, sectorSize);
        Findings findings = new Findings();
        if (device.size() < sectorSize) {
            return new Unpartitioned(sectorSize, List.of());
        }
        BootRecord bootRecord;
        try {
            bootRecord = BootRecord.read(source);
        } catch (CorruptImageException e) {
            findings.error("the first sector", e);
            return new Unpartitioned(sectorSize, findings.list());
        }
        if (bootRecord.isProtective()) {
            Optional<Gpt> gpt = GptReader.read(source, findings);
            if (gpt.isPresent()) {
                return gpt.get();
            }
            findings.error(0, "a protective MBR, but no good copy of a GPT");
        }
        if (bootRecord.hasTable() && !isVolume(source, bootRecord)) {
            return readMbr(source, bootRecord, findings);
        }
        Optional<? extends PartitionTable> other = readOther(source, findings);
        return other.isPresent() ? other.get() : DiskContent.unpartitioned(source, bootRecord, findings);
    }

    /** Tells whether the first sector belongs to a volume: to tell it from a table, what it says must make no sense. */
    private static boolean isVolume(TableSource source, BootRecord bootRecord) {
        if (bootRecord.volume().isEmpty()) {
            return false;
        }
        Findings findings = new Findings();
        List<Partition> partitions = Mbr.primaries(bootRecord, source.sectorSize());
        PartitionCheck.check(partitions, source.sectorSize(), source.device().size(), findings);
        return partitions.isEmpty() || !findings.list().isEmpty();
    }

    private static Mbr readMbr(TableSource source, BootRecord bootRecord, Findings findings) throws IOException {
        if (!bootRecord.volume().isEmpty()) {
            findings.error(0, "the MBR is the boot sector of a volume of kind " + bootRecord.volume() + " too");
        }
        if (ApplePartitionMap.isPresent(source)) {
            findings.error(source.sectorSize(), "there is an Apple partition map beside the MBR");
        }
        if (Disklabel.isPresent(source)) {
            findings.error(source.sectorSize(), "there is a BSD disklabel beside the MBR");
        }
        if (!bootRecord.isProtective()) {
            OptionalLong leftOver = GptReader.leftOver(source);
            if (leftOver.isPresent()) {
                findings.warning(leftOver.getAsLong(), "what is left of a GPT, which the MBR does not protect");
            }
        }
        checkSectorSize(source, bootRecord, findings);
        return MbrReader.read(source, bootRecord, findings);
    }

    /**
     * An MBR does not say in which sectors it counts. If nothing that is known starts where its partitions do, but
     * something does in sectors of another size, it was most likely written for those.
     */
    private static void checkSectorSize(TableSource source, BootRecord bootRecord, Findings findings)
            throws IOException {
        if (startsKnownVolumes(source, bootRecord)) {
            return;
        }
        for (int size : GptReader.SECTOR_SIZES) {
            TableSource other = source.withSectorSize(size);
            boolean fits = Mbr.primaries(bootRecord, size).stream()
                    .allMatch(partition -> partition.end() <= source.device().size());
            if (size != source.sectorSize() && fits && startsKnownVolumes(other, bootRecord)) {
                findings.error(
                        0,
                        "the MBR's partitions start with nothing that is known in sectors of " + source.sectorSize()
                                + " bytes, and with a volume in sectors of " + size
                                + ": it was written for a disk with those");
                return;
            }
        }
    }

    private static boolean startsKnownVolumes(TableSource source, BootRecord bootRecord) throws IOException {
        for (Partition partition : Mbr.primaries(bootRecord, source.sectorSize())) {
            boolean isKnown = partition.is(PartitionFlag.EXTENDED)
                    ? MbrReader.isEbr(source, partition.diskOffset())
                    : !DiskContent.volumeAt(source, partition.diskOffset()).isEmpty();
            if (isKnown) {
                return true;
            }
        }
        return false;
    }

    private static Optional<? extends PartitionTable> readOther(TableSource source, Findings findings)
            throws IOException {
        Optional<ApplePartitionMap> map = ApplePartitionMap.read(source, findings);
        return map.isPresent() ? map : Disklabel.read(source, findings);
    }

    /**
     * Reads a GPT whatever the first sector says: for the repair of a disk whose protective MBR is lost. On any other
     * disk this may find a GPT that was given up long ago.
     *
     * @param sectorSize the size of the disk's sectors in bytes, a power of two from 512 to 65,536; a GPT for other
     *     sectors is found too
     * @throws IllegalArgumentException if the sector size is none
     * @throws CorruptImageException if no copy of a GPT is good
     * @throws IOException if the device fails otherwise than in reading sectors
     */
    public static Gpt readGpt(BlockDevice device, int sectorSize) throws IOException {
        TableSource source = source(device, sectorSize);
        Findings failures = new Findings();
        return GptReader.read(source, failures)
                .orElseThrow(() -> source.corrupt(
                        source.sectorSize(),
                        "no good copy of a GPT: " + failures.list().get(0).message()));
    }

    /**
     * Returns the table with which the GPT of a disk is repaired: from the good copy, with the backup at the disk's end.
     * Nothing is written; {@link #write} does that.
     *
     * <p>Refuses a disk that shows signs of being used in another way, on which what is left of a GPT would take the
     * place of what counts: one whose first sector describes partitions and protects no GPT, one that starts with a
     * volume where the GPT's primary copy should be, and one whose protective MBR is of a disk of another size than the
     * only good copy, the backup.
     *
     * @param sectorSize as for {@link #readGpt}
     * @throws IllegalArgumentException if the sector size is none, or the disk is too small for the partitions
     * @throws CorruptImageException if no copy of a GPT is good, or the disk is used in another way
     * @throws IOException if the device fails otherwise than in reading sectors
     */
    public static Gpt repaired(BlockDevice device, int sectorSize) throws IOException {
        Gpt gpt = readGpt(device, sectorSize);
        TableSource source = source(device, gpt.sectorSize());
        BootRecord bootRecord = gpt.bootRecord();
        try {
            bootRecord = BootRecord.read(source);
        } catch (CorruptImageException expected) {
            // Written anew with the table.
        }
        boolean hasPrimary = GptReader.isHeader(source, GptHeader.PRIMARY_LBA);
        if (!bootRecord.isProtective()) {
            List<Partition> partitions = Mbr.primaries(bootRecord, gpt.sectorSize());
            if (bootRecord.hasTable() && bootRecord.volume().isEmpty() && !partitions.isEmpty()) {
                throw source.corrupt(
                        0,
                        "the MBR describes " + partitions.size() + " partitions and protects no GPT: what is left of "
                                + "one belongs to what the disk held before");
            }
            String volume = DiskContent.volumeAt(source, 0);
            if (!hasPrimary && !volume.isEmpty()) {
                throw source.corrupt(
                        0,
                        "the disk starts with a volume of kind " + volume
                                + ": the backup GPT at its end belongs to what the disk held before");
            }
        } else if (!hasPrimary && !bootRecord.protectsUpTo(gpt.header().alternateLba())) {
            throw source.corrupt(
                    source.offset(gpt.header().alternateLba()),
                    "the only good copy of a GPT is of a disk of "
                            + (gpt.header().alternateLba() + 1)
                            + " sectors, the protective MBR of one of another size");
        }
        return gpt.fittedTo(device.size());
    }

    private static TableSource source(BlockDevice device, int sectorSize) {
        Objects.requireNonNull(device, "device");
        return new TableSource(device, TableSource.checkSectorSize(sectorSize));
    }

    /**
     * Writes a {@link Gpt} or an {@link Mbr} to a disk, in an order in which a fall of power leaves the old table or
     * the new one: a GPT's backup, then its primary copy, then the first sector. Flushes the device after each step.
     * The operating system is not told.
     *
     * @return the bytes that were written
     * @throws IllegalArgumentException if the table is of another kind, does not fit on the device (see
     *     {@link Gpt#fittedTo}), or would write over one of its partitions; nothing is written then
     * @throws IllegalStateException if the device is not writable
     * @throws DeviceException if the device can't write
     */
    public static ExtentSet write(PartitionTable table, BlockDevice device) throws IOException {
        List<List<TableBlock>> stages = stages(table);
        check(table, device);
        if (!device.isWritable()) {
            throw new IllegalStateException(device.name() + " is open for reading only");
        }
        List<TableBlock> written = new ArrayList<>();
        stages.forEach(written::addAll);
        for (List<TableBlock> stage : stages) {
            for (TableBlock block : stage) {
                device.write(ByteBuffer.wrap(block.bytes()), block.diskOffset());
            }
            device.flush();
        }
        return TableBlock.extents(written, device.size());
    }

    /**
     * Checks that a table can be written to a disk.
     *
     * @throws IllegalArgumentException if {@link #write} would throw it
     */
    public static void check(PartitionTable table, BlockDevice device) {
        stages(table).forEach(stage -> stage.forEach(block -> check(block, table, device)));
    }

    private static List<List<TableBlock>> stages(PartitionTable table) {
        if (table instanceof Gpt gpt) {
            return gpt.stages();
        }
        if (table instanceof Mbr mbr) {
            return mbr.stages();
        }
        throw new IllegalArgumentException("a table of kind " + table.scheme().code() + " can't be written");
    }

    private static void check(TableBlock block, PartitionTable table, BlockDevice device) {
        long end = block.diskOffset() + block.bytes().length;
        if (end > device.size()) {
            throw new IllegalArgumentException("the table reaches to disk offset " + end + ", " + device.name()
                    + " has " + device.size() + " bytes");
        }
        for (Partition partition : table.partitions()) {
            if (!partition.is(PartitionFlag.EXTENDED)
                    && block.diskOffset() < partition.end()
                    && partition.diskOffset() < end) {
                throw new IllegalArgumentException("the table at disk offset " + block.diskOffset()
                        + " would write over partition " + partition.index());
            }
        }
    }
}
