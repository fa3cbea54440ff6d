package io.platter.filesystem.ntfs;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * What the first sector of an NTFS volume says. Offsets as in the libfsntfs documentation, "New Technologies File System
 * (NTFS)", section "The volume header".
 *
 * <p>Immutable.
 */
final class BootSector {
    private static final int LENGTH = 512;
    private static final String OEM_ID = "NTFS    ";
    private static final int SIGNATURE = 0xAA55;
    private static final int LARGEST_CLUSTER = 2 << 20;
    private static final int LARGEST_RECORD = 64 << 10;

    final int bytesPerSector;
    /** A power of two, at most 2 MiB. */
    final int clusterSize;
    /** The size of the filesystem in sectors; the copy of the boot sector stands in the one after. */
    final long totalSectors;
    /** How many clusters there are; they are numbered from 0. */
    final long clusters;
    /** The cluster where the MFT starts. */
    final long mft;
    /** The cluster where the copy of the first records of the MFT starts. */
    final long mftMirror;
    /** The size of an MFT record in bytes, a power of two. */
    final int recordSize;
    /** The serial number as users see it. */
    final String serialNumber;

    private BootSector(ByteReader reader) throws CorruptImageException {
        bytesPerSector = reader.seek(11).readU16();
        int sectorsPerCluster = reader.readU8();
        totalSectors = reader.seek(40).readU63("sectors");
        mft = reader.readU63("cluster of the MFT");
        mftMirror = reader.readU63("cluster of the MFT's copy");
        int clustersPerRecord = reader.readU8();
        serialNumber = String.format(Locale.ROOT, "%016X", reader.seek(72).readI64());
        if (bytesPerSector < 256 || bytesPerSector > 4096 || Integer.bitCount(bytesPerSector) != 1) {
            throw reader.corrupt(11, "sectors of " + bytesPerSector + " bytes");
        }
        clusterSize = size(reader, 13, sectorsPerCluster, bytesPerSector, LARGEST_CLUSTER, 1);
        clusters = totalSectors / (clusterSize / bytesPerSector);
        recordSize = size(reader, 64, clustersPerRecord, clusterSize, LARGEST_RECORD, 0);
        if (recordSize < 512 || mft >= clusters || mftMirror >= clusters || clusters > 1L << 48) {
            throw reader.corrupt(
                    48,
                    "MFT at " + mft + " and " + mftMirror + " of " + clusters + " clusters, records of " + recordSize);
        }
    }

    /**
     * Reads a size that is given in units or, as a negative number of one byte, by a power of two.
     *
     * @param shifted 1 if the power of two counts units, 0 if it counts bytes
     */
    private static int size(ByteReader reader, int position, int code, int unit, int largest, int shifted)
            throws CorruptImageException {
        int exponent = 256 - code;
        boolean power = code > 0x80;
        long size = power ? (shifted == 1 ? (long) unit : 1L) << Math.min(exponent, 40) : (long) code * unit;
        if (size < 1 || size > largest || Long.bitCount(size) != 1) {
            throw reader.corrupt(position, "size code " + code + " of units of " + unit + " bytes");
        }
        return (int) size;
    }

    /**
     * Reads the sector, or returns nothing if it is not that of an NTFS volume.
     *
     * @throws CorruptImageException if it is, but its numbers contradict each other
     */
    static Optional<BootSector> read(BlockDevice volume) throws IOException {
        if (volume.size() < LENGTH) {
            return Optional.empty();
        }
        ByteReader reader = ByteReader.read(volume, 0, LENGTH, ByteOrder.LITTLE_ENDIAN);
        return isNtfs(reader) ? Optional.of(new BootSector(reader)) : Optional.empty();
    }

    private static boolean isNtfs(ByteReader reader) throws CorruptImageException {
        String name = new String(reader.seek(3).readBytes(OEM_ID.length()), StandardCharsets.US_ASCII);
        return name.equals(OEM_ID) && reader.seek(510).readU16() == SIGNATURE;
    }

    /** Tells whether the filesystem ends inside a volume of so many bytes. */
    boolean fits(long volumeSize) {
        return totalSectors <= volumeSize / bytesPerSector;
    }

    /** Returns the first byte after the last cluster. */
    long end() {
        return clusters * clusterSize;
    }

    /**
     * Checks that the copy after the filesystem, if the volume is large enough to have it, says the same.
     *
     * @throws CorruptImageException if it says something else
     */
    void checkCopy(BlockDevice volume) throws IOException {
        if (totalSectors * bytesPerSector > volume.size() - LENGTH) {
            return;
        }
        ByteReader copy = ByteReader.read(volume, totalSectors * bytesPerSector, LENGTH, ByteOrder.LITTLE_ENDIAN);
        if (!isNtfs(copy)) {
            return;
        }
        BootSector other = new BootSector(copy);
        // The rest may differ, such as where the partition starts, if it was moved.
        boolean same = other.bytesPerSector == bytesPerSector
                && other.clusterSize == clusterSize
                && other.totalSectors == totalSectors
                && other.mft == mft
                && other.mftMirror == mftMirror
                && other.recordSize == recordSize;
        if (!same) {
            throw copy.corrupt(0, "the boot sector differs from its copy");
        }
    }
}
