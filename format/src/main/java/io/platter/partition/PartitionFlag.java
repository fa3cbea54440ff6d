package io.platter.partition;

import java.util.Locale;

/**
 * What a partition is besides its type.
 *
 * <p>Immutable.
 */
public enum PartitionFlag {
    /** An old BIOS boots from it: active in an MBR, attribute bit 2 in a GPT. */
    BOOTABLE,
    /** Holds no data of its own: the room in which an MBR's logical partitions lie. */
    EXTENDED,
    /** Lies in the extended partition of an MBR. */
    LOGICAL;

    /** Returns the word that stands for this flag in reports. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
