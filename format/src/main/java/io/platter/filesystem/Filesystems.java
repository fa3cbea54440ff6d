package io.platter.filesystem;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.DeviceException;
import io.platter.block.ImageFormatException;
import io.platter.filesystem.btrfs.Btrfs;
import io.platter.filesystem.exfat.ExFat;
import io.platter.filesystem.ext.Ext;
import io.platter.filesystem.f2fs.F2fs;
import io.platter.filesystem.fat.Fat;
import io.platter.filesystem.hfsplus.HfsPlus;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.lvm.Lvm;
import io.platter.filesystem.ntfs.Ntfs;
import io.platter.filesystem.opaque.Opaque;
import io.platter.filesystem.readonly.Erofs;
import io.platter.filesystem.readonly.Iso9660;
import io.platter.filesystem.readonly.Squashfs;
import io.platter.filesystem.readonly.Udf;
import io.platter.filesystem.swap.Swap;
import io.platter.filesystem.xfs.Xfs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recognises filesystems by their content.
 *
 * <p>Safe for use by several threads.
 */
public final class Filesystems {
    private static final List<Filesystem> KNOWN = List.of(
            new Opaque(),
            new Ext(),
            new Xfs(),
            new Btrfs(),
            new F2fs(),
            new Ntfs(),
            new ExFat(),
            new Fat(),
            new HfsPlus(),
            new Swap(),
            new Squashfs(),
            new Erofs(),
            new Udf(),
            new Iso9660());

    private Filesystems() {}

    /** Returns all kinds, but for those that need to know of other volumes. */
    static List<Filesystem> known() {
        return KNOWN;
    }

    /** Returns what looks into volume groups, which may span any of the volumes that are here. */
    static Lvm lvm(List<BlockDevice> volumes) {
        return new Lvm(List.copyOf(volumes), Filesystems::probe);
    }

    /**
     * Returns which bytes of a volume are used. A volume that is not recognised, whose structures are damaged or can't be
     * read, counts as used whole, with the reason in the map. A volume that shows the marks of several kinds, because
     * one was made over the other or because it is meant to be read as both, keeps what any of them needs.
     *
     * @param volume a partition, or a whole disk without a partition table
     * @throws IOException if the volume is no longer open
     */
    public static AllocationMap probe(BlockDevice volume) throws IOException {
        return probeAll(List.of(volume)).get(0);
    }

    /**
     * Returns which bytes of volumes that belong together are used, such as all partitions of a machine: a volume group
     * of LVM can be followed only if all its physical volumes are among them. Else as {@link #probe}.
     *
     * @return a map for each volume, in the same order
     * @throws IOException if a volume is no longer open
     */
    public static List<AllocationMap> probeAll(List<BlockDevice> volumes) throws IOException {
        List<AllocationMap> maps = new ArrayList<>();
        List<Filesystem> filesystems = new ArrayList<>(KNOWN);
        filesystems.add(lvm(volumes));
        for (BlockDevice volume : volumes) {
            maps.add(probe(filesystems, volume));
        }
        return List.copyOf(maps);
    }

    private static AllocationMap probe(List<Filesystem> filesystems, BlockDevice volume) throws IOException {
        Optional<AllocationMap> all = Optional.empty();
        Optional<DeviceException> failure = Optional.empty();
        for (Filesystem filesystem : filesystems) {
            try {
                Optional<AllocationMap> map = probe(filesystem, volume);
                all = all.isPresent() && map.isPresent() ? Optional.of(all.get().and(map.get())) : all.or(() -> map);
            } catch (DeviceException e) {
                failure = Optional.of(e);
            }
        }
        AllocationMap map = all.orElseGet(() -> AllocationMap.whole(volume, "unknown", Reason.UNRECOGNISED, ""));
        return failure.isEmpty()
                ? map
                : map.asWhole(
                        VolumeState.UNKNOWN,
                        Reason.UNREADABLE,
                        String.valueOf(failure.get().getMessage()));
    }

    private static Optional<AllocationMap> probe(Filesystem filesystem, BlockDevice volume) throws IOException {
        try {
            return filesystem.map(volume);
        } catch (ImageFormatException e) {
            Reason reason = e instanceof CorruptImageException ? Reason.DAMAGED : Reason.UNKNOWN_FEATURE;
            return Optional.of(AllocationMap.whole(volume, filesystem.name(), reason, String.valueOf(e.getMessage())));
        }
    }
}
