package io.platter.device;

import io.platter.block.DiskUse;
import java.nio.file.Path;
import java.util.List;

/**
 * A disk, or a partition opened as one, as the operating system described it at one moment. Texts that the system does
 * not know are empty.
 *
 * <p>Immutable.
 *
 * @param path the device node, by which the disk is opened; it may belong to another disk after the next start
 * @param model what the maker calls it
 * @param serial the maker's serial number
 * @param wwn the world wide name, NVMe identifier or the like, as the system writes it
 * @param bus how it is attached, such as {@code nvme}, {@code ata}, {@code usb} or {@code virtual}
 * @param size in bytes
 * @param logicalSectorSize in bytes
 * @param physicalSectorSize in bytes
 * @param removable whether the medium can be taken out
 * @param readOnly whether the system refuses to write it
 * @param rotational whether it turns, so that seeks are slow
 * @param partitions in the order of their numbers
 * @param uses all that speaks against writing; empty for a disk that nobody uses
 */
public record DiskDescription(
        Path path,
        String model,
        String serial,
        String wwn,
        String bus,
        long size,
        int logicalSectorSize,
        int physicalSectorSize,
        boolean removable,
        boolean readOnly,
        boolean rotational,
        List<SystemPartition> partitions,
        List<DiskUse> uses) {
    /** Copies the lists. */
    public DiskDescription {
        partitions = List.copyOf(partitions);
        uses = List.copyOf(uses);
    }

    /** Tells whether the disk has a use of this kind. */
    public boolean hasUse(DiskUse.Kind kind) {
        return uses.stream().anyMatch(use -> use.kind() == kind);
    }
}
