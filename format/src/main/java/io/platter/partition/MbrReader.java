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
 * Follows the chain of extended boot records behind a master boot record.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class MbrReader {
    /** Ours: the number of EBRs that are followed. Linux shows at most 255 partitions of a disk. */
    static final int MAX_EBRS = 1024;

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
                link = readEbr(lba);
            } catch (CorruptImageException e) {
                findings.error("the chain of EBRs is broken", e);
                return;
            }
        }
    }

    /** Reads an EBR: in its first two entries a logical partition and the link to the next EBR. */
    private Optional<MbrEntry> readEbr(long lba) throws IOException {
        long diskOffset = source.offset(lba);
        ByteReader in = source.read(diskOffset, source.sectorSize(), ByteOrder.LITTLE_ENDIAN);
        byte[] sector = in.readBytes(in.remaining());
        BootRecord ebr = new BootRecord(sector);
        if (!ebr.hasSignature()) {
            throw source.corrupt(diskOffset, "no EBR: its signature is missing");
        }
        blocks.add(new TableBlock(diskOffset, sector));
        Optional<MbrEntry> link = Optional.empty();
        boolean hasLogical = false;
        for (int slot = 0; slot < 4; slot++) {
            MbrEntry entry = ebr.entries().get(slot);
            if (!entry.isUsed()) {
                continue;
            }
            boolean expected = slot < 2 && (entry.isExtended() ? link.isEmpty() : !hasLogical);
            if (!expected) {
                findings.error(diskOffset, "entry " + (slot + 1) + " of the EBR is one too many, and is left out");
            } else if (entry.isExtended()) {
                link = Optional.of(entry);
            } else {
                hasLogical = true;
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
