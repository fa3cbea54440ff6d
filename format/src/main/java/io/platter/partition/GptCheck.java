package io.platter.partition;

import java.util.List;

/** Looks whether the parts of a GPT agree with each other and with the disk. */
final class GptCheck {
    private GptCheck() {}

    static void check(Gpt gpt, Findings findings) {
        checkPlaces(gpt, findings);
        checkDisk(gpt, findings);
        GptHeader header = gpt.header();
        long end = Math.min((header.lastUsable() + 1) * gpt.sectorSize(), gpt.diskSize());
        PartitionCheck.check(gpt.partitions(), header.firstUsable() * gpt.sectorSize(), end, findings);
        if (gpt.bootRecord().isHybrid()) {
            checkHybrid(gpt, findings);
        } else if (gpt.bootRecord().isProtective()) {
            checkProtective(gpt, findings);
        }
    }

    /** The table itself must lie outside of what partitions may use. */
    private static void checkPlaces(Gpt gpt, Findings findings) {
        GptHeader header = gpt.header();
        long sectors = header.entriesSectors(gpt.sectorSize());
        if (header.entriesLba() + sectors > header.firstUsable()) {
            findings.error(
                    header.myLba() * gpt.sectorSize(),
                    "the GPT's entries cover sectors " + header.entriesLba() + " to "
                            + (header.entriesLba() + sectors - 1) + ", the first usable one is "
                            + header.firstUsable());
        }
        if (gpt.backupEntriesLba() <= header.lastUsable() || gpt.backupEntriesLba() + sectors > header.alternateLba()) {
            findings.error(
                    header.myLba() * gpt.sectorSize(),
                    "the GPT's backup starts at sector " + gpt.backupEntriesLba() + " with its header at "
                            + header.alternateLba() + ", the last usable sector is " + header.lastUsable());
        }
    }

    private static void checkDisk(Gpt gpt, Findings findings) {
        long diskOffset = gpt.header().alternateLba() * gpt.sectorSize();
        long lastSector = gpt.diskSize() / gpt.sectorSize() - 1;
        if (gpt.header().alternateLba() < lastSector) {
            findings.warning(
                    diskOffset,
                    "the backup GPT is not at the end of the disk, the last "
                            + (gpt.diskSize() - diskOffset - gpt.sectorSize()) + " bytes can't be used");
        } else if (gpt.header().alternateLba() > lastSector) {
            findings.warning(
                    diskOffset, "the backup GPT is past the end of the disk, which has " + gpt.diskSize() + " bytes");
        }
    }

    private static void checkHybrid(Gpt gpt, Findings findings) {
        List<Partition> hybrid = gpt.hybridPartitions();
        findings.info(0, "the MBR is hybrid and describes " + hybrid.size() + " partitions as well");
        for (Partition shown : hybrid) {
            if (gpt.partitions().stream()
                    .noneMatch(partition ->
                            partition.diskOffset() == shown.diskOffset() && partition.length() == shown.length())) {
                findings.error(0, "entry " + shown.index() + " of the hybrid MBR is no partition of the GPT");
            }
        }
    }

    private static void checkProtective(Gpt gpt, Findings findings) {
        long disk = Math.min(gpt.diskSize() / gpt.sectorSize() - 1, MbrEntry.MAX_SECTORS);
        for (MbrEntry entry : gpt.bootRecord().entries()) {
            if (entry.type() != MbrEntry.PROTECTIVE) {
                continue;
            }
            if (entry.start() != GptHeader.PRIMARY_LBA) {
                findings.warning(0, "the protective MBR's entry starts at sector " + entry.start() + ", expected 1");
            } else if (entry.sectors() != disk && entry.sectors() != MbrEntry.MAX_SECTORS) {
                findings.info(0, "the protective MBR covers " + entry.sectors() + " sectors, expected " + disk);
            }
        }
    }
}
