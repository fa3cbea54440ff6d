package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ImageFormatException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/**
 * How large a volume has to be for what it holds, as that says of itself: a filesystem is not mounted, and an LVM
 * physical volume not activated, on anything smaller, however few of its bytes are used.
 *
 * <p>Safe for use by several threads.
 */
public final class VolumeSize {
    /** Reads what one kind of volume says; 0 if the volume is of another kind. */
    @FunctionalInterface
    private interface Kind {
        long size(BlockDevice volume) throws IOException, UnprovenException;
    }

    private static final List<Kind> KINDS = List.of(
            VolumeSize::ext,
            VolumeSize::xfs,
            VolumeSize::btrfs,
            VolumeSize::f2fs,
            VolumeSize::ntfs,
            VolumeSize::exFat,
            VolumeSize::fat,
            VolumeSize::hfsPlus,
            VolumeSize::swap,
            VolumeSize::squashfs,
            VolumeSize::erofs,
            VolumeSize::iso9660,
            VolumeSize::lvm);

    private static final int ISO_SECTOR = 2048;
    private static final int ISO_DESCRIPTORS = 16;

    private VolumeSize() {}

    /**
     * Returns how large a volume has to be for what it holds, in bytes from its start and at most its own size: the
     * largest of the sizes if it shows the marks of several kinds. Nothing if that is not known: nothing was recognised,
     * it is damaged, or its structures refer to the volume's end, as those of encrypted volumes, of members of arrays
     * and pools, and of UDF do. Then all of the volume counts.
     *
     * @throws IOException if the volume can't be read
     */
    public static OptionalLong of(BlockDevice volume) throws IOException {
        if (new Opaque().map(volume).isPresent() || isUdf(volume)) {
            return OptionalLong.empty();
        }
        long largest = 0;
        for (Kind kind : KINDS) {
            try {
                largest = Math.max(largest, kind.size(volume));
            } catch (ImageFormatException | UnprovenException e) {
                return OptionalLong.empty();
            }
        }
        return largest == 0 ? OptionalLong.empty() : OptionalLong.of(Math.min(largest, volume.size()));
    }

    private static long product(long count, long unit) {
        return count < 0 || Math.multiplyHigh(count, unit) != 0 ? Long.MAX_VALUE : Math.max(count * unit, 1);
    }

    private static long ext(BlockDevice volume) throws IOException {
        return ExtSuperblock.read(volume)
                .map(superblock -> product(superblock.blocksCount, superblock.blockSize))
                .orElse(0L);
    }

    private static long xfs(BlockDevice volume) throws IOException {
        return XfsSuperblock.read(volume)
                .map(superblock -> product(superblock.dataBlocks, superblock.blockSize))
                .orElse(0L);
    }

    private static long btrfs(BlockDevice volume) throws IOException {
        return BtrfsSuperblock.isPresent(volume, BtrfsSuperblock.PRIMARY)
                ? BtrfsSuperblock.read(volume, BtrfsSuperblock.PRIMARY).deviceSize
                : 0;
    }

    private static long f2fs(BlockDevice volume) throws IOException {
        return F2fsSuperblock.isPresent(volume) ? product(F2fsSuperblock.read(volume).blocks, F2fsSuperblock.BLOCK) : 0;
    }

    /** The copy of the boot sector stands in the sector after the last. */
    private static long ntfs(BlockDevice volume) throws IOException {
        return NtfsBootSector.read(volume)
                .map(boot -> product(boot.totalSectors + 1, boot.bytesPerSector))
                .orElse(0L);
    }

    private static long exFat(BlockDevice volume) throws IOException {
        return ExFatBootSector.read(volume)
                .map(boot -> product(boot.volumeLength, 1L << boot.sectorShift))
                .orElse(0L);
    }

    private static long fat(BlockDevice volume) throws IOException {
        return FatBootSector.read(volume).map(FatBootSector::size).orElse(0L);
    }

    private static long hfsPlus(BlockDevice volume) throws IOException {
        if (volume.size() < HfsPlusHeader.OFFSET + HfsPlusHeader.SIZE) {
            return 0;
        }
        int signature = ByteReader.read(volume, HfsPlusHeader.OFFSET, Short.BYTES, ByteOrder.BIG_ENDIAN)
                .readU16();
        if (signature != HfsPlusHeader.HFS_PLUS && signature != HfsPlusHeader.HFSX) {
            return 0;
        }
        HfsPlusHeader header = HfsPlusHeader.read(volume);
        return product(header.totalBlocks, header.blockSize);
    }

    private static long swap(BlockDevice volume) throws IOException, UnprovenException {
        return new Swap().end(volume);
    }

    private static long squashfs(BlockDevice volume) throws IOException, UnprovenException {
        return new Squashfs().end(volume);
    }

    private static long erofs(BlockDevice volume) throws IOException, UnprovenException {
        return new Erofs().end(volume);
    }

    private static long iso9660(BlockDevice volume) throws IOException, UnprovenException {
        return isoDescriptor(volume, ISO_DESCRIPTORS).equals("CD001") ? Iso9660.end(volume) : 0;
    }

    private static long lvm(BlockDevice volume) throws IOException, UnprovenException {
        return LvmLabel.read(volume).map(LvmLabel::deviceSize).orElse(0L);
    }

    /** Tells whether the volume is UDF, whose anchors stand at its end. Source: ECMA-167, 2/8.3 and 3/9.1. */
    private static boolean isUdf(BlockDevice volume) throws IOException {
        for (int sector = ISO_DESCRIPTORS; sector < 2 * ISO_DESCRIPTORS; sector++) {
            String identifier = isoDescriptor(volume, sector);
            if (identifier.equals("NSR02") || identifier.equals("NSR03")) {
                return true;
            }
        }
        return false;
    }

    private static String isoDescriptor(BlockDevice volume, int sector) throws IOException {
        long offset = (long) sector * ISO_SECTOR;
        return volume.size() < offset + ISO_SECTOR
                ? ""
                : ByteReader.read(volume, offset + 1, 5, ByteOrder.LITTLE_ENDIAN)
                        .readText(5, StandardCharsets.US_ASCII);
    }
}
