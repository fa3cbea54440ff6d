package io.platter.partition;

import java.util.Objects;
import java.util.Set;

/**
 * One partition as its table describes it, which need not be inside the disk: a {@link Finding} says so if it is not.
 *
 * <p>Immutable.
 *
 * @param index the number by which systems call it, from 1: a GPT's entry, an MBR's slot, from 5 on for logical ones
 * @param diskOffset where it starts, in bytes from the start of the disk
 * @param length how long it is, in bytes; 1 or more
 * @param type what it is for
 * @param name the name in the table, or an empty text
 * @param id its identity: a GPT's GUID in capitals, an MBR's disk signature and index such as {@code 1234abcd-01}, or an
 *     empty text
 * @param attributes the 64 attribute bits of a GPT entry (UEFI 2.10 §5.3.3, table 5.8); 0 in other tables
 * @param flags what else is known of it
 */
public record Partition(
        int index,
        long diskOffset,
        long length,
        PartitionType type,
        String name,
        String id,
        long attributes,
        Set<PartitionFlag> flags) {
    /** Checks the components. */
    public Partition {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(id, "id");
        flags = Set.copyOf(flags);
        if (index < 1) {
            throw new IllegalArgumentException("index " + index + ", expected 1 or more");
        }
        if (diskOffset < 0 || length < 1 || diskOffset + length < 0) {
            throw new IllegalArgumentException("partition of " + length + " bytes at disk offset " + diskOffset);
        }
    }

    /** Returns the first disk offset after the partition, in bytes. */
    public long end() {
        return diskOffset + length;
    }

    /** Tells whether the partition has a flag. */
    public boolean is(PartitionFlag flag) {
        return flags.contains(flag);
    }
}
