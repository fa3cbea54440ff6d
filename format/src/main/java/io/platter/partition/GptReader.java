package io.platter.partition;

import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a GPT by its copies: a copy counts if both of its checksums match and it says where it stands.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class GptReader {
    /** The sizes of sectors that disks have, in bytes; the last two are rare. */
    static final List<Integer> SECTOR_SIZES = List.of(512, 4096, 2048, 1024);

    private final TableSource source;
    private final BootRecord bootRecord;
    private final Findings findings = new Findings();

    private GptReader(TableSource source) throws IOException {
        this.source = source;
        this.bootRecord = bootRecord(source);
    }

    /** Returns the first sector; one without a byte of its own if it can't be read, or was a volume's. */
    private static BootRecord bootRecord(TableSource source) throws IOException {
        try {
            BootRecord found = BootRecord.read(source);
            if (found.isProtective() || found.volume().isEmpty()) {
                return found;
            }
        } catch (CorruptImageException expected) {
            // Written anew with the table.
        }
        return new BootRecord(new byte[source.sectorSize()]);
    }

    /**
     * Looks for a GPT that was written for sectors of the source's size, then for one of any other size.
     *
     * @param failures takes what is wrong with the copies if none of them counts
     * @return the table, or nothing if no copy counts
     */
    static Optional<Gpt> read(TableSource claimed, Findings failures) throws IOException {
        Set<Integer> sizes = new LinkedHashSet<>(List.of(claimed.sectorSize()));
        sizes.addAll(SECTOR_SIZES);
        for (int size : sizes) {
            GptReader reader = new GptReader(claimed.withSectorSize(size));
            Optional<Gpt> gpt = reader.read(claimed.sectorSize());
            if (gpt.isPresent()) {
                return gpt;
            }
            if (size == claimed.sectorSize()) {
                failures.addAll(reader.findings.list());
            }
        }
        return Optional.empty();
    }

    /** Returns where a good header stands at either end of the disk, for sectors of any usual size. */
    static OptionalLong leftOver(TableSource any) throws IOException {
        for (int size : SECTOR_SIZES) {
            TableSource source = any.withSectorSize(size);
            for (long lba : new long[] {GptHeader.PRIMARY_LBA, source.sectors() - 1}) {
                if (lba > 0 && isHeader(source, lba)) {
                    return OptionalLong.of(source.offset(lba));
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Tells whether a good header stands in a sector. */
    static boolean isHeader(TableSource source, long lba) throws IOException {
        try {
            long signature = source.read(source.offset(lba), Long.BYTES, ByteOrder.LITTLE_ENDIAN)
                    .readI64();
            if (signature == GptHeader.SIGNATURE) {
                GptHeader.decode(source, lba);
                return true;
            }
        } catch (CorruptImageException expected) {
            // Not a good header.
        }
        return false;
    }

    private Optional<Gpt> read(int claimedSectorSize) throws IOException {
        if (source.sectorSize() != claimedSectorSize) {
            findings.warning(
                    source.sectorSize(),
                    "the GPT was written for sectors of " + source.sectorSize() + " bytes, the device has sectors of "
                            + claimedSectorSize);
        }
        GptHeader primary = null;
        try {
            primary = GptHeader.decode(source, GptHeader.PRIMARY_LBA);
            byte[] entries = entries(primary);
            return Optional.of(gpt(primary, backupEntriesLba(primary), entries));
        } catch (CorruptImageException e) {
            findings.warning("the primary GPT is damaged", e);
            return readBackup(primary);
        }
    }

    private Gpt gpt(GptHeader primary, long backupEntriesLba, byte[] entries) {
        return new Gpt(
                source.sectorSize(), source.device().size(), primary, backupEntriesLba, entries, bootRecord, findings);
    }

    /** Returns where the copy of the entries is, or belongs. */
    private long backupEntriesLba(GptHeader primary) throws IOException {
        try {
            GptHeader backup = GptHeader.decode(source, primary.alternateLba());
            entries(backup);
            if (!backup.equals(primary.other(primary.alternateLba(), backup.entriesLba()))) {
                findings.warning(source.offset(backup.myLba()), "the backup GPT differs from the primary one");
            }
            return backup.entrySize() == primary.entrySize() && backup.entryCount() == primary.entryCount()
                    ? backup.entriesLba()
                    : standardBackupEntriesLba(primary);
        } catch (CorruptImageException e) {
            findings.warning("the backup GPT is missing or damaged", e);
            return standardBackupEntriesLba(primary);
        }
    }

    private long standardBackupEntriesLba(GptHeader primary) {
        return Math.max(0, primary.alternateLba() - primary.entriesSectors(source.sectorSize()));
    }

    /**
     * Looks for the copy where the primary header says, where the disk ended when its protective MBR was written, and at
     * the end of the disk, where an older one may stand that has nothing to do with that MBR.
     *
     * @param primary the primary header if only its entries are damaged, else null
     */
    private Optional<Gpt> readBackup(@Nullable GptHeader primary) throws IOException {
        Set<Long> places = new LinkedHashSet<>();
        if (primary != null) {
            places.add(primary.alternateLba());
        }
        for (MbrEntry entry : bootRecord.entries()) {
            if (entry.type() == MbrEntry.PROTECTIVE && entry.start() == GptHeader.PRIMARY_LBA) {
                places.add(entry.sectors());
            }
        }
        places.add(source.sectors() - 1);
        List<CorruptImageException> failures = new ArrayList<>();
        for (long lba : places) {
            try {
                GptHeader backup = GptHeader.decode(source, Math.max(lba, 0));
                byte[] entries = entries(backup);
                if (primary == null && bootRecord.isProtective() && !bootRecord.protectsUpTo(lba)) {
                    findings.error(
                            source.offset(lba),
                            "the backup GPT is of a disk of " + (lba + 1)
                                    + " sectors, the protective MBR of one of another size");
                }
                long primaryEntriesLba = primary == null ? primaryEntriesLba(backup) : primary.entriesLba();
                return Optional.of(
                        gpt(backup.other(GptHeader.PRIMARY_LBA, primaryEntriesLba), backup.entriesLba(), entries));
            } catch (CorruptImageException e) {
                failures.add(e);
            }
        }
        failures.forEach(e -> findings.error("the backup GPT is missing or damaged", e));
        return Optional.empty();
    }

    /**
     * Returns where the entries of a primary header with a wrong checksum stand: where it says, if they are there, else
     * in the usual place. Some boards keep their boot loader in the usual place.
     */
    private long primaryEntriesLba(GptHeader backup) throws IOException {
        try {
            long lba = GptHeader.entriesLbaUnchecked(source);
            if (lba + backup.entriesSectors(source.sectorSize()) <= backup.firstUsable()) {
                entries(backup.other(GptHeader.PRIMARY_LBA, lba));
                return lba;
            }
        } catch (CorruptImageException expected) {
            // The header is damaged, after all.
        }
        return GptHeader.PRIMARY_LBA + 1;
    }

    /**
     * Reads the entries of a header.
     *
     * @throws CorruptImageException if they are not inside the disk or not those that the header has the checksum of
     */
    private byte[] entries(GptHeader header) throws IOException {
        long diskOffset = source.offset(header.entriesLba());
        byte[] entries = source.read(diskOffset, header.entriesLength(), ByteOrder.LITTLE_ENDIAN)
                .readBytes(header.entriesLength());
        int computed = GptHeader.crc(entries, entries.length);
        if (computed != header.entriesCrc()) {
            throw source.corrupt(
                    diskOffset,
                    String.format(
                            "GPT entries CRC-32 mismatch: stored %08x, computed %08x", header.entriesCrc(), computed));
        }
        return entries;
    }
}
