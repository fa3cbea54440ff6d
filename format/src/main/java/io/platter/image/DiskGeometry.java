package io.platter.image;

import io.platter.block.BlockDevice;
import io.platter.partition.PartitionTables;
import java.io.IOException;

/**
 * The size of a disk and of its sectors.
 *
 * <p>Immutable.
 *
 * @param size in bytes, or −1 if it is not known before the disk's end
 * @param logicalSectorSize the unit in which the disk is addressed, in bytes: a power of two from 512 to 65,536
 * @param physicalSectorSize the unit in which the disk is written, in bytes: a power of two from 512 to 65,536
 */
public record DiskGeometry(long size, int logicalSectorSize, int physicalSectorSize) {
    /** Checks the sizes. */
    public DiskGeometry {
        if (size < -1) {
            throw new IllegalArgumentException("disk size " + size + ", expected −1 or more");
        }
        checkSector(logicalSectorSize);
        checkSector(physicalSectorSize);
    }

    /** Returns the geometry of a disk with sectors of 512 bytes. */
    public static DiskGeometry ofSize(long size) {
        return new DiskGeometry(size, 512, 512);
    }

    /** Returns the geometry of a device. */
    public static DiskGeometry of(BlockDevice device) {
        return new DiskGeometry(device.size(), device.logicalSectorSize(), device.physicalSectorSize());
    }

    /**
     * Returns the geometry of a device whose content tells its sectors, if it does: a file has no sectors of its own, but
     * if it holds the disk of a machine with sectors of 4096 bytes, its GPT stands where such a disk has it. For a disk
     * of the machine, use {@link #of}.
     *
     * @throws IOException if the device can't be read
     */
    public static DiskGeometry ofContent(BlockDevice device) throws IOException {
        int sectorSize = PartitionTables.contentSectorSize(device);
        return of(sectorSize == device.logicalSectorSize() ? device : device.withLogicalSectorSize(sectorSize));
    }

    private static void checkSector(int size) {
        if (size < 512 || size > 65_536 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("sector size " + size + ", expected a power of two from 512 to 65536");
        }
    }

    @Override
    public String toString() {
        return (size < 0 ? "unknown size" : size + " bytes") + ", sectors of " + logicalSectorSize
                + ", physical ones of " + physicalSectorSize;
    }
}
