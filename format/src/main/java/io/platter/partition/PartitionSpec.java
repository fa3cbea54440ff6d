package io.platter.partition;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PartitionLayout} says about one partition.
 *
 * <p>Immutable: each method returns a changed copy.
 */
public final class PartitionSpec {
    private static final long REST = -1;
    private static final long NEXT = -1;

    private final String type;
    private final long length;
    private final long diskOffset;
    private final String name;
    private final @Nullable UUID id;
    private final long attributes;
    private final boolean logical;
    private final boolean bootable;

    private PartitionSpec(
            String type,
            long length,
            long diskOffset,
            String name,
            @Nullable UUID id,
            long attributes,
            boolean logical,
            boolean bootable) {
        this.type = type;
        this.length = length;
        this.diskOffset = diskOffset;
        this.name = name;
        this.id = id;
        this.attributes = attributes;
        this.logical = logical;
        this.bootable = bootable;
    }

    /**
     * Returns a partition of a given size.
     *
     * @param type a text that {@link PartitionType#of} understands, such as {@code linux}
     * @param length in bytes, 1 or more; rounded up to whole sectors
     */
    public static PartitionSpec ofSize(String type, long length) {
        if (length < 1) {
            throw new IllegalArgumentException("partition of " + length + " bytes, expected 1 or more");
        }
        return new PartitionSpec(Objects.requireNonNull(type, "type"), length, NEXT, "", null, 0, false, false);
    }

    /**
     * Returns a partition that takes what the others leave; a layout may have one.
     *
     * @param type a text that {@link PartitionType#of} understands, such as {@code linux}
     */
    public static PartitionSpec rest(String type) {
        return new PartitionSpec(Objects.requireNonNull(type, "type"), REST, NEXT, "", null, 0, false, false);
    }

    /**
     * Returns the partition at a fixed place, which is not aligned.
     *
     * @param newDiskOffset where it starts, in bytes; a whole number of sectors
     */
    public PartitionSpec at(long newDiskOffset) {
        if (newDiskOffset < 0) {
            throw new IllegalArgumentException("partition at disk offset " + newDiskOffset);
        }
        return new PartitionSpec(type, length, newDiskOffset, name, id, attributes, logical, bootable);
    }

    /**
     * Returns the partition with a name; only in a GPT.
     *
     * @param newName at most 36 UTF-16 units
     */
    public PartitionSpec named(String newName) {
        if (newName.length() > GptEntries.NAME_UNITS
                || newName.indexOf('\0') >= 0
                || !StandardCharsets.UTF_16LE.newEncoder().canEncode(newName)) {
            throw new IllegalArgumentException("partition name \"" + newName + "\", expected at most "
                    + GptEntries.NAME_UNITS + " UTF-16 units of text");
        }
        return new PartitionSpec(type, length, diskOffset, newName, id, attributes, logical, bootable);
    }

    /** Returns the partition with a given identity instead of a random one; only in a GPT. */
    public PartitionSpec id(UUID newId) {
        Objects.requireNonNull(newId, "newId");
        return new PartitionSpec(type, length, diskOffset, name, newId, attributes, logical, bootable);
    }

    /** Returns the partition with attribute bits (UEFI 2.10 §5.3.3, table 5.8); only in a GPT. */
    public PartitionSpec attributes(long newAttributes) {
        return new PartitionSpec(type, length, diskOffset, name, id, newAttributes, logical, bootable);
    }

    /** Returns the partition as a logical one; only in an MBR, which may have one run of them. */
    public PartitionSpec logical() {
        return new PartitionSpec(type, length, diskOffset, name, id, attributes, true, bootable);
    }

    /** Returns the partition as the one that a BIOS boots from. */
    public PartitionSpec bootable() {
        return new PartitionSpec(type, length, diskOffset, name, id, attributes, logical, true);
    }

    String type() {
        return type;
    }

    boolean isRest() {
        return length == REST;
    }

    /** Returns the length in whole sectors, in bytes; not of the rest. */
    long length(int sectorSize) {
        return Math.multiplyExact((length - 1) / sectorSize + 1, (long) sectorSize);
    }

    boolean isFixed() {
        return diskOffset != NEXT;
    }

    long diskOffset() {
        return diskOffset;
    }

    String name() {
        return name;
    }

    @Nullable
    UUID id() {
        return id;
    }

    boolean hasNoAttributes() {
        return attributes == 0;
    }

    /** Returns the attribute bits of a GPT entry. */
    long attributes() {
        return bootable ? attributes | GptEntries.LEGACY_BIOS_BOOTABLE : attributes;
    }

    boolean isLogical() {
        return logical;
    }

    boolean isBootable() {
        return bootable;
    }
}
