package io.platter.allocation;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which bytes of a volume its filesystem uses.
 *
 * <p>Immutable.
 *
 * @param filesystem the kind, such as {@code ext4}, or {@code unknown}
 * @param label the name that the user gave it, or an empty text
 * @param uuid the identity in the filesystem's own notation, or an empty text
 * @param size the size of the volume in bytes, which may be more than the filesystem covers
 * @param allocationUnit the smallest number of bytes that the filesystem hands out, or 0 if not known
 * @param state in what state the filesystem was left
 * @param reason why all bytes count as used, or {@link Reason#NONE}
 * @param detail the reason in words, with values, or an empty text
 * @param used the bytes that are used, counted from the start of the volume; all others are proven to be unused
 */
public record AllocationMap(
        String filesystem,
        String label,
        String uuid,
        long size,
        int allocationUnit,
        VolumeState state,
        Reason reason,
        String detail,
        ExtentSet used) {
    /** Checks the components. */
    public AllocationMap {
        Objects.requireNonNull(filesystem, "filesystem");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(detail, "detail");
        if (used.count() > 0 && used.end(used.count() - 1) > size) {
            throw new IllegalArgumentException("used up to " + used.end(used.count() - 1) + ", the volume has " + size);
        }
    }

    /** Returns the map of a volume of which all bytes count as used. */
    public static AllocationMap whole(BlockDevice volume, String filesystem, Reason reason, String detail) {
        return new AllocationMap(
                filesystem,
                "",
                "",
                volume.size(),
                0,
                VolumeState.UNKNOWN,
                reason,
                detail,
                ExtentSet.of(0, volume.size()));
    }

    /** Returns this map with all bytes used, for a reason that was found later. */
    public AllocationMap asWhole(VolumeState newState, Reason newReason, String newDetail) {
        return new AllocationMap(
                filesystem, label, uuid, size, allocationUnit, newState, newReason, newDetail, ExtentSet.of(0, size));
    }

    /** Returns this map with other bytes used. */
    public AllocationMap withUsed(ExtentSet newUsed) {
        return new AllocationMap(filesystem, label, uuid, size, allocationUnit, state, reason, detail, newUsed);
    }

    /** Returns this map with other words. */
    public AllocationMap withDetail(String newDetail) {
        return new AllocationMap(filesystem, label, uuid, size, allocationUnit, state, reason, newDetail, used);
    }

    /** Returns the map of a volume that shows the marks of two filesystems: it keeps what either needs. */
    public AllocationMap and(AllocationMap other) {
        boolean mine = reason != Reason.NONE || other.reason == Reason.NONE;
        String both = Stream.of(
                        mine ? detail : other.detail, "recognised as " + filesystem + " and " + other.filesystem)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
        return new AllocationMap(
                filesystem,
                label,
                uuid,
                size,
                allocationUnit,
                mine ? state : other.state,
                mine ? reason : other.reason,
                both,
                used.union(other.used));
    }
}
