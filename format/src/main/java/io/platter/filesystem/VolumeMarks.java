package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.filesystem.lvm.Lvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where systems look for the marks by which they know what a disk or a volume holds: superblocks and their mirrors,
 * labels, members of arrays, and backups of partition tables. A mark that was left in one of these places by what the
 * disk held before makes a system take it for the old thing.
 *
 * <p>Source of the places: {@code libblkid/src/superblocks} and {@code libblkid/src/partitions} of util-linux 2.40, and
 * {@code fs/btrfs/disk-io.h} of Linux for the mirrors of Btrfs, which it does not look at.
 *
 * <p>Safe for use by several threads.
 */
public final class VolumeMarks {
    /**
     * Almost all marks stand here: Btrfs and ReiserFS at 64 KiB, swap at the end of a page of 64 KiB, ISO 9660 and UDF
     * from 32 KiB on, two of the four labels of ZFS up to 512 KiB, second headers of LUKS2 up to 512 KiB.
     */
    private static final long HEAD = 1 << 20;

    /**
     * The last label of ZFS starts within 512 KiB of the end, a superblock of bcachefs 1 MiB before it, and the farthest
     * of Promise's firmware RAID 3087 sectors. The others are nearer: md 0.90 and 1.0, DDF, Intel, Silicon Image, DRBD,
     * the second superblocks of NILFS2, NTFS and HFS+, the backup of a GPT.
     */
    private static final long TAIL = 2 << 20;

    /** Marks that stand alone: at 1, 2 and 4 MiB LUKS2, at 1 and 2 MiB VMFS, at 2 MiB bcachefs; then Btrfs. */
    private static final List<Long> ALONE = List.of(1L << 20, 2L << 20, 4L << 20, 64L << 20, 256L << 30);

    /** How much of a place is meant; the largest mark is a superblock of a page. */
    private static final long ALONE_LENGTH = 64 << 10;

    private VolumeMarks() {}

    /**
     * Returns where marks may stand on any volume, whatever it holds.
     *
     * @param size the size of the volume in bytes, 0 or more
     */
    public static ExtentSet places(long size) {
        ExtentSet.Builder places = ExtentSet.builder();
        places.add(0, Math.min(HEAD, size));
        for (long place : ALONE) {
            places.add(Math.min(place, size), Math.min(ALONE_LENGTH, Math.max(0, size - place)));
        }
        long tail = Math.max(0, size - TAIL);
        return places.add(tail, size - tail).build();
    }

    /**
     * Returns where marks may stand on volumes that belong together, such as all partitions of a disk: besides the
     * {@link #places(long)} of each, those of the logical volumes of LVM on it, and what follows the filesystem where it
     * ends before its volume does, which is where an overlay of a squashfs is looked for.
     *
     * @return the places on each volume, in the same order
     * @throws IOException if a volume can't be read
     */
    public static List<ExtentSet> places(List<BlockDevice> volumes) throws IOException {
        Lvm lvm = Filesystems.lvm(volumes);
        List<ExtentSet> places = new ArrayList<>();
        for (BlockDevice volume : volumes) {
            places.add(ofContent(volume).union(lvm.marksInside(volume, VolumeMarks::ofContent)));
        }
        return List.copyOf(places);
    }

    /** Returns where marks may stand on a volume, and after the end of what it holds. */
    static ExtentSet ofContent(BlockDevice volume) throws IOException {
        ExtentSet places = places(volume.size());
        OptionalLong end = VolumeSize.of(volume);
        return end.isEmpty()
                ? places
                : places.union(ExtentSet.of(end.getAsLong(), Math.min(HEAD, volume.size() - end.getAsLong())));
    }
}
