package io.platter.device;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A partition as the operating system sees it, which need not be what the partition table says.
 *
 * <p>Immutable.
 *
 * @param number its number, from 1
 * @param path its device node or volume; where the system has none, that of the disk
 * @param diskOffset where it starts on the disk, in bytes
 * @param size in bytes
 */
public record SystemPartition(int number, Path path, long diskOffset, long size) {
    /** Checks the numbers. */
    public SystemPartition {
        Objects.requireNonNull(path, "path");
        if (number < 1 || diskOffset < 0 || size < 0) {
            throw new IllegalArgumentException(
                    "partition " + number + " of " + size + " bytes at disk offset " + diskOffset);
        }
    }
}
