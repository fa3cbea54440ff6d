package io.platter.filesystem.exfat;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * What the first sector of an exFAT volume says. Offsets and names are those of Microsoft's "exFAT file system
 * specification" 1.00, section 3.1.
 *
 * <p>Immutable.
 */
final class BootSector {
    private static final int LENGTH = 512;
    private static final String FILE_SYSTEM_NAME = "EXFAT   ";
    private static final int BOOT_SIGNATURE = 0xAA55;
    /** 11 sectors, and one with their checksum; a backup of all follows. */
    private static final int BOOT_REGION_SECTORS = 12;

    private static final long MOST_CLUSTERS = 0xFFFF_FFF5L;
    private static final int LARGEST_CLUSTER_SHIFT = 25;

    /** The size of the filesystem in sectors, without a sign. */
    final long volumeLength;

    final long fatOffset;
    final long fatLength;
    final long clusterHeapOffset;
    /** How many clusters there are; they are numbered from 2. */
    final long clusterCount;

    final long rootCluster;
    /** The serial number as users see it. */
    final String serialNumber;

    final int revision;
    final int volumeFlags;
    final int sectorShift;
    final int clusterShift;
    final int numberOfFats;

    private BootSector(ByteReader reader) throws CorruptImageException {
        volumeLength = reader.seek(72).readI64();
        fatOffset = reader.readU32();
        fatLength = reader.readU32();
        clusterHeapOffset = reader.readU32();
        clusterCount = reader.readU32();
        rootCluster = reader.readU32();
        int serial = reader.readI32();
        serialNumber = String.format(Locale.ROOT, "%04X-%04X", serial >>> 16, serial & 0xFFFF);
        revision = reader.readU16();
        volumeFlags = reader.readU16();
        sectorShift = reader.readU8();
        clusterShift = sectorShift + reader.readU8();
        numberOfFats = reader.readU8();
        check(reader);
    }

    private void check(ByteReader reader) throws CorruptImageException {
        if (sectorShift < 9 || sectorShift > 12 || clusterShift > LARGEST_CLUSTER_SHIFT) {
            throw reader.corrupt(108, "sectors of 2^" + sectorShift + " and clusters of 2^" + clusterShift + " bytes");
        }
        if (numberOfFats < 1 || numberOfFats > 2) {
            throw reader.corrupt(110, numberOfFats + " FATs, expected 1 or 2");
        }
        if (clusterCount < 1 || clusterCount > MOST_CLUSTERS || fatLength << sectorShift < (clusterCount + 2) * 4) {
            throw reader.corrupt(92, clusterCount + " clusters with a FAT of " + fatLength + " sectors");
        }
        long clusterSectors = clusterCount << (clusterShift - sectorShift);
        if (fatOffset < 2 * BOOT_REGION_SECTORS
                || fatOffset + fatLength * numberOfFats > clusterHeapOffset
                || Long.compareUnsigned(clusterHeapOffset + clusterSectors, volumeLength) > 0) {
            throw reader.corrupt(
                    80,
                    "FAT, clusters and volume overlap: " + fatOffset + "+" + fatLength + ", " + clusterHeapOffset + "+"
                            + clusterSectors + ", " + Long.toUnsignedString(volumeLength));
        }
    }

    /**
     * Reads the sector, or returns nothing if it is not that of an exFAT volume.
     *
     * @throws CorruptImageException if it is, but its numbers contradict each other
     */
    static Optional<BootSector> read(BlockDevice volume) throws IOException {
        if (volume.size() < LENGTH) {
            return Optional.empty();
        }
        ByteReader reader = ByteReader.read(volume, 0, LENGTH, ByteOrder.LITTLE_ENDIAN);
        boolean named = new String(reader.seek(3).readBytes(8), StandardCharsets.US_ASCII).equals(FILE_SYSTEM_NAME);
        boolean signed = reader.seek(510).readU16() == BOOT_SIGNATURE;
        return named && signed ? Optional.of(new BootSector(reader)) : Optional.empty();
    }

    /** Tells whether the checksum of the first boot region is right. Source: specification, section 3.4. */
    boolean hasValidChecksum(BlockDevice volume) throws IOException {
        int covered = (BOOT_REGION_SECTORS - 1) << sectorShift;
        ByteReader reader = ByteReader.read(volume, 0, BOOT_REGION_SECTORS << sectorShift, ByteOrder.LITTLE_ENDIAN);
        int sum = 0;
        for (int i = 0; i < covered; i++) {
            int next = reader.readU8();
            boolean changesWhileMounted = i == 106 || i == 107 || i == 112;
            sum = changesWhileMounted ? sum : Integer.rotateRight(sum, 1) + next;
        }
        while (reader.remaining() > 0) {
            if (reader.readI32() != sum) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether the filesystem ends inside a volume of so many bytes. */
    boolean fits(long volumeSize) {
        return Long.compareUnsigned(volumeLength, volumeSize >>> sectorShift) <= 0;
    }

    /** Returns the size of a cluster in bytes, at most 32 MiB. */
    int clusterSize() {
        return 1 << clusterShift;
    }

    /** Returns where a cluster starts, in bytes; that of the number 0 may be negative. */
    long clusterOffset(long cluster) {
        return (clusterHeapOffset << sectorShift) + ((cluster - 2) << clusterShift);
    }

    /** Returns where the FAT that counts starts, in bytes. */
    long activeFatOffset() {
        long fat = numberOfFats == 1 ? 0 : volumeFlags & 1;
        return (fatOffset + fat * fatLength) << sectorShift;
    }

    /** Tells whether a number is that of a cluster. */
    boolean isCluster(long cluster) {
        return cluster >= 2 && cluster < clusterCount + 2;
    }
}
