package io.platter;

import io.platter.block.BlockDevice;

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

    private static void checkSector(int size) {
        if (size < 512 || size > 65_536 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("sector size " + size + ", expected a power of two from 512 to 65536");
        }
    }
}
