package io.platter.partition;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.DeviceException;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * A device as the readers of tables see it: in sectors of a size that need not be the device's, and with a place that
 * can't be read being damage like any other, since a table has copies.
 *
 * @param device where the bytes come from
 * @param sectorSize in bytes
 */
record TableSource(BlockDevice device, int sectorSize) {
    /** Returns the size of a sector, if it is one: a power of two from 512 to 65,536. */
    static int checkSectorSize(int size) {
        if (Integer.bitCount(size) != 1 || size < 512 || size > 65536) {
            throw new IllegalArgumentException("sector size " + size + ", expected a power of two, 512 to 65536");
        }
        return size;
    }

    /** Returns the number of whole sectors. */
    long sectors() {
        return device.size() / sectorSize;
    }

    /** Returns the disk offset of a sector, in bytes. */
    long offset(long lba) {
        return Math.multiplyExact(lba, (long) sectorSize);
    }

    /** Returns this device in sectors of another size. */
    TableSource withSectorSize(int size) {
        return new TableSource(device, size);
    }

    /**
     * Reads bytes.
     *
     * @param length in bytes; the caller has checked it against a limit of its own
     * @throws CorruptImageException if the bytes are not inside the device, or the device can't read them
     */
    ByteReader read(long diskOffset, int length, ByteOrder order) throws IOException {
        try {
            return ByteReader.read(device, diskOffset, length, order);
        } catch (DeviceException e) {
            throw corrupt(diskOffset, "can't be read: " + e.getMessage(), e);
        }
    }

    /** Returns the exception for a contradiction at a disk offset. */
    CorruptImageException corrupt(long diskOffset, String detail) {
        return new CorruptImageException(device.name(), diskOffset, detail);
    }

    private CorruptImageException corrupt(long diskOffset, String detail, IOException cause) {
        CorruptImageException e = corrupt(diskOffset, detail);
        e.initCause(cause);
        return e;
    }
}
