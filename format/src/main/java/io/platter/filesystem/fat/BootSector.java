package io.platter.filesystem.fat;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What the first sector of a FAT volume says. Offsets and names are those of Microsoft's "FAT File System
 * Specification" 1.03 (fatgen103), section "Boot Sector and BPB".
 *
 * <p>Immutable.
 */
final class BootSector {
    private static final int LENGTH = 512;
    private static final int SIGNATURE = 0xAA55;
    private static final int DIRECTORY_ENTRY = 32;
    /** {@code RRaA} and {@code rrAa}. */
    private static final int INFO_LEAD = 0x41615252;

    private static final int INFO_STRUCTURE = 0x61417272;

    private static final int MIRRORING_OFF = 0x80;
    private static final int ACTIVE_FAT = 0x0F;
    /** A volume with fewer clusters is FAT12. Source: fatgen103, "FAT Type Determination". */
    private static final int SMALLEST_FAT16 = 4085;
    /** FAT16 has fewer clusters. Source: as above. */
    private static final int SMALLEST_FAT32 = 65525;
    /** The cluster numbers from 0x0FFFFFF7 on mean something else. */
    private static final long MOST_CLUSTERS = 0x0FFFFFF5;

    /** 512 to 4096. */
    final int bytesPerSector;

    final int sectorsPerCluster;
    /** The sectors before the first FAT; the backup boot sector and FSInfo of FAT32 are among them. */
    final int reservedSectors;
    /** How many FATs there are, 1 to 4. */
    final int fats;
    /** The size of one FAT in sectors. */
    final long fatSectors;
    /** How many entries the root directory in front of the clusters has; 0 for FAT32. */
    final int rootEntries;
    /** The size of the filesystem in sectors. */
    final long totalSectors;
    /** The byte that the first FAT entry repeats. */
    final int media;
    /** Whether all FATs are kept equal; else only {@link #activeFat} counts. */
    final boolean mirrored;

    final int activeFat;
    /** Where the root directory of FAT32 starts; 0 for FAT12 and FAT16. */
    final long rootCluster;
    /** The sector of FAT32 in which the number of free clusters stands; 0 if there is none. */
    private final int infoSector;

    /** How many clusters there are; they are numbered from 2. */
    final long clusters;
    /** The size of a FAT entry: 12, 16 or 32 bits. */
    final int entryBits;
    /** What a system that has the volume mounted notes here: bit 0 in use, bit 1 to be tested. */
    final int marks;
    /** The serial number as users see it, or an empty text. */
    final String volumeId;

    private BootSector(ByteReader reader) throws CorruptImageException {
        bytesPerSector = reader.seek(11).readU16();
        sectorsPerCluster = reader.readU8();
        reservedSectors = reader.readU16();
        fats = reader.readU8();
        rootEntries = reader.readU16();
        int totalSectors16 = reader.readU16();
        media = reader.readU8();
        int fatSectors16 = reader.readU16();
        totalSectors = totalSectors16 != 0 ? totalSectors16 : reader.seek(32).readU32();
        // All implementations take a 16-bit size of 0 for FAT32, even with fewer clusters than FAT32 should have.
        boolean fat32 = fatSectors16 == 0;
        fatSectors = fat32 ? reader.seek(36).readU32() : fatSectors16;
        int flags = fat32 ? reader.seek(40).readU16() : 0;
        int version = fat32 ? reader.readU16() : 0;
        rootCluster = fat32 ? reader.readU32() : 0;
        infoSector = fat32 ? reader.readU16() : 0;
        mirrored = (flags & MIRRORING_OFF) == 0;
        activeFat = mirrored ? 0 : flags & ACTIVE_FAT;
        clusters = Math.floorDiv(totalSectors - firstClusterOffset() / bytesPerSector, sectorsPerCluster);
        entryBits = fat32 ? 32 : clusters < SMALLEST_FAT16 ? 12 : 16;
        marks = reader.seek(fat32 ? 65 : 37).readU8() & 3;
        boolean hasId = (reader.readU8() & 0xFE) == 0x28;
        int id = hasId ? reader.readI32() : 0;
        volumeId = hasId ? String.format(Locale.ROOT, "%04X-%04X", id >>> 16, id & 0xFFFF) : "";
        check(reader, version);
    }

    private void check(ByteReader reader, int version) throws CorruptImageException {
        if (version != 0 || (entryBits == 32 && rootEntries != 0)) {
            throw reader.corrupt(42, "FAT32 version " + version + ", " + rootEntries + " root entries, expected 0");
        }
        if (clusters < 1 || clusters > MOST_CLUSTERS || (entryBits == 16 && clusters >= SMALLEST_FAT32)) {
            throw reader.corrupt(32, clusters + " clusters, which " + name() + " can't have");
        }
        if (fatSectors * bytesPerSector < fatBytes()) {
            throw reader.corrupt(22, "FAT of " + fatSectors + " sectors, too small for " + clusters + " clusters");
        }
        if ((long) rootEntries * DIRECTORY_ENTRY % bytesPerSector != 0) {
            throw reader.corrupt(17, rootEntries + " root entries, which fill no whole sectors");
        }
        if (activeFat >= fats) {
            throw reader.corrupt(40, "active FAT " + activeFat + ", there are " + fats);
        }
        if (entryBits == 32 && !isCluster(rootCluster)) {
            throw reader.corrupt(44, "root directory at cluster " + rootCluster + " of " + clusters);
        }
    }

    /**
     * Reads the sector, or returns nothing if it is not that of a FAT volume.
     *
     * @throws CorruptImageException if it is, but its numbers contradict each other
     */
    static Optional<BootSector> read(BlockDevice volume) throws IOException {
        if (volume.size() < LENGTH) {
            return Optional.empty();
        }
        ByteReader reader = ByteReader.read(volume, 0, LENGTH, ByteOrder.LITTLE_ENDIAN);
        return looksLikeFat(reader) ? Optional.of(new BootSector(reader)) : Optional.empty();
    }

    private static boolean looksLikeFat(ByteReader reader) throws CorruptImageException {
        int jump = reader.readU8();
        int sectorSize = reader.seek(11).readU16();
        int clusterSectors = reader.readU8();
        int reserved = reader.readU16();
        int tables = reader.readU8();
        int medium = reader.seek(21).readU8();
        return (jump == 0xEB || jump == 0xE9)
                && (sectorSize >= 512 && sectorSize <= 4096 && Integer.bitCount(sectorSize) == 1)
                && Integer.bitCount(clusterSectors) == 1
                && reserved > 0
                && (tables >= 1 && tables <= 4)
                && (medium == 0xF0 || medium >= 0xF8)
                && reader.seek(510).readU16() == SIGNATURE;
    }

    /**
     * Checks that the copy of the sector, which FAT32 has among the reserved sectors, says the same.
     *
     * @throws CorruptImageException if it says something else
     */
    void checkBackup(BlockDevice volume) throws IOException {
        if (entryBits != 32) {
            return;
        }
        ByteReader first = ByteReader.read(volume, 0, LENGTH, ByteOrder.LITTLE_ENDIAN);
        int sector = first.seek(50).readU16();
        if (sector == 0 || sector >= reservedSectors) {
            return;
        }
        ByteReader backup = ByteReader.read(volume, (long) sector * bytesPerSector, LENGTH, ByteOrder.LITTLE_ENDIAN);
        // The flags at offset 40 say which FAT counts, and change while the volume is in use.
        boolean same = Arrays.equals(
                        first.seek(11).readBytes(13), backup.seek(11).readBytes(13))
                && Arrays.equals(first.seek(32).readBytes(8), backup.seek(32).readBytes(8))
                && Arrays.equals(first.seek(42).readBytes(6), backup.seek(42).readBytes(6));
        // Some programs that make a FAT32 name a backup that they don't write.
        if (!same && looksLikeFat(backup.seek(0))) {
            throw backup.corrupt(11, "the boot sector differs from its backup");
        }
    }

    /**
     * Checks that as many clusters are free as the FSInfo sector says, if there is one and it says so. mkfs.fat counts
     * bad clusters among the free ones.
     *
     * <p>Source: fatgen103, "FAT32 FSInfo Sector Structure and Backup Boot Sector".
     *
     * @throws CorruptImageException if it says another number
     */
    void checkFreeClusters(BlockDevice volume, long freeClusters, long badClusters) throws IOException {
        if (entryBits != 32 || infoSector == 0 || infoSector >= reservedSectors) {
            return;
        }
        ByteReader info = ByteReader.read(volume, (long) infoSector * bytesPerSector, LENGTH, ByteOrder.LITTLE_ENDIAN);
        boolean isInfo = info.readI32() == INFO_LEAD && info.seek(484).readI32() == INFO_STRUCTURE;
        long stated = info.seek(488).readU32();
        if (isInfo && stated <= clusters && stated != freeClusters && stated != freeClusters + badClusters) {
            throw info.corrupt(488, freeClusters + " clusters are free, expected " + stated);
        }
    }

    /** Returns the name of this kind of FAT. */
    String name() {
        return "fat" + entryBits;
    }

    /** Returns the size of the filesystem in bytes. */
    long size() {
        return totalSectors * bytesPerSector;
    }

    /** Returns the size of a cluster in bytes, at most 512 KiB. */
    int clusterSize() {
        return bytesPerSector * sectorsPerCluster;
    }

    /** Returns how many bytes of a FAT hold entries. */
    long fatBytes() {
        return ((clusters + 2) * entryBits + 7) / 8;
    }

    /** Returns where a FAT starts, in bytes. */
    long fatOffset(int fat) {
        return (reservedSectors + fat * fatSectors) * bytesPerSector;
    }

    /** Returns where the root directory starts, in bytes. */
    long rootOffset() {
        return entryBits == 32 ? clusterOffset(rootCluster) : fatOffset(fats);
    }

    /** Returns the size of the root directory of FAT12 and FAT16, or of the first cluster of that of FAT32, in bytes. */
    int rootLength() {
        return entryBits == 32 ? clusterSize() : rootEntries * DIRECTORY_ENTRY;
    }

    /** Returns where the first cluster, number 2, starts, in bytes. */
    long firstClusterOffset() {
        return fatOffset(fats) + (long) rootEntries * DIRECTORY_ENTRY;
    }

    /** Tells whether a number is that of a cluster. */
    boolean isCluster(long cluster) {
        return cluster >= 2 && cluster < clusters + 2;
    }

    /** Returns where a cluster starts, in bytes; that of the number 0 may be negative. */
    long clusterOffset(long cluster) {
        return firstClusterOffset() + (cluster - 2) * clusterSize();
    }
}
