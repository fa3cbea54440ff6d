package io.platter.partition;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Follows the chain of extended boot records after a master boot record.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class MbrReader {
    /** Ours: the number of EBRs that are followed. Linux shows at most 255 partitions of a disk. */
    static final int MAX_EBRS = 1024;
    /** How many entries of an EBR are used by custom. */
    private static final int CUSTOMARY_SLOTS = 2;

    private final TableSource source;
    private final BootRecord bootRecord;
    private final Findings findings;
    private final List<TableBlock> blocks = new ArrayList<>();
    private final List<Partition> partitions = new ArrayList<>();

    private MbrReader(TableSource source, BootRecord bootRecord, Findings findings) {
        this.source = source;
        this.bootRecord = bootRecord;
        this.findings = findings;
    }

    /**
     * Reads the table.
     *
     * @param findings what is known already; takes what is found here
     */
    static Mbr read(TableSource source, BootRecord bootRecord, Findings findings) throws IOException {
        MbrReader reader = new MbrReader(source, bootRecord, findings);
        reader.blocks.add(new TableBlock(0, bootRecord.sector()));
        reader.partitions.addAll(Mbr.primaries(bootRecord, source.sectorSize()));
        reader.readPrimaries();
        return new Mbr(source.sectorSize(), source.device().size(), reader.blocks, reader.partitions, findings);
    }

    /** Tells whether a sector has the signature of an EBR. */
    static boolean isEbr(TableSource source, long diskOffset) throws IOException {
        try {
            return new BootRecord(source.read(diskOffset, BootRecord.LENGTH, ByteOrder.LITTLE_ENDIAN)
                            .readBytes(BootRecord.LENGTH))
                    .hasSignature();
        } catch (CorruptImageException e) {
            return false;
        }
    }

    private void readPrimaries() throws IOException {
        boolean followed = false;
        for (int slot = 0; slot < 4; slot++) {
            MbrEntry entry = bootRecord.entries().get(slot);
            if (!entry.isUsed() && (entry.type() != 0 || entry.sectors() != 0)) {
                findings.info(
                        0,
                        "entry " + (slot + 1) + " of type " + entry.type() + " with " + entry.sectors()
                                + " sectors is not used");
            }
            if (entry.isUsed() && entry.isExtended()) {
                if (followed) {
                    findings.error(0, "entry " + (slot + 1) + " is a second extended partition, and is not followed");
                } else {
                    followChain(entry.start(), entry.sectors());
                    followed = true;
                }
            }
        }
    }

    private void followChain(long first, long sectors) throws IOException {
        Set<Long> visited = new HashSet<>();
        Optional<MbrEntry> link = Optional.of(new MbrEntry(0, MbrEntry.EXTENDED, 0, sectors));
        while (link.isPresent()) {
            long lba = first + link.get().start();
            long diskOffset = source.offset(lba);
            if (link.get().start() >= sectors) {
                findings.error(diskOffset, "the chain of EBRs leaves the extended partition");
                return;
            }
            if (!visited.add(lba)) {
                findings.error(diskOffset, "the chain of EBRs comes back to sector " + lba);
                return;
            }
            if (visited.size() > MAX_EBRS) {
                findings.error(diskOffset, "more than " + MAX_EBRS + " EBRs, the others are not followed");
                return;
            }
            try {
                link = readEbr(lba, link.get().sectors(), first + sectors);
            } catch (CorruptImageException e) {
                findings.error("the chain of EBRs is broken", e);
                return;
            }
        }
    }

    /**
     * Reads an EBR as Linux does: all of its four entries are logical partitions but the first that is extended, which
     * links to the next EBR. By custom the third and fourth are empty, and some programs left there what is no entry: one
     * that does not lie in the sectors of this EBR is passed over.
     *
     * <p>Source: Linux, {@code block/partitions/msdos.c}, {@code parse_extended}.
     *
     * @param sectors how many sectors the EBR is for, itself the first
     * @param end the first sector past the extended partition
     */
    private Optional<MbrEntry> readEbr(long lba, long sectors, long end) throws IOException {
        long diskOffset = source.offset(lba);
        ByteReader in = source.read(diskOffset, source.sectorSize(), ByteOrder.LITTLE_ENDIAN);
        byte[] sector = in.readBytes(in.remaining());
        BootRecord ebr = new BootRecord(sector);
        if (!ebr.hasSignature()) {
            throw source.corrupt(diskOffset, "no EBR: its signature is missing");
        }
        blocks.add(new TableBlock(diskOffset, sector));
        Optional<MbrEntry> link = Optional.empty();
        for (int slot = 0; slot < 4; slot++) {
            MbrEntry entry = ebr.entries().get(slot);
            if (!entry.isUsed()) {
                continue;
            }
            long past = entry.start() + entry.sectors();
            if (entry.isExtended() && link.isEmpty()) {
                link = Optional.of(entry);
            } else if (entry.isExtended()) {
                findings.error(diskOffset, "entry " + (slot + 1) + " of the EBR is a second link, and is not followed");
            } else if (slot >= CUSTOMARY_SLOTS && (past > sectors || lba + past > end)) {
                findings.warning(diskOffset, "entry " + (slot + 1) + " of the EBR leaves it, and is passed over");
            } else {
                addLogical(entry, source.offset(lba + entry.start()));
            }
        }
        return link;
    }

    private void addLogical(MbrEntry entry, long diskOffset) {
        int index = Mbr.FIRST_LOGICAL;
        for (Partition partition : partitions) {
            index = Math.max(index, partition.index() + 1);
        }
        partitions.add(Mbr.partition(bootRecord, index, entry, diskOffset, source.sectorSize()));
    }
}
