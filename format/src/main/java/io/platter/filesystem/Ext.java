package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.checksum.SeededCrc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * ext2, ext3 and ext4: a bitmap of clusters for each group says what is used.
 *
 * <p>A bitmap is believed if it fits its checksum, its number of free clusters that of the group's descriptor, and if it
 * has all metadata used. A bitmap that was never written is not read: all of its group but metadata is free, which only
 * a descriptor with a checksum can say. Bitmaps of a filesystem that was not unmounted, or whose journal is not empty,
 * say nothing.
 *
 * <p>Source: the kernel's {@code Documentation/filesystems/ext4}.
 */
final class Ext implements Filesystem {
    @Override
    public String name() {
        return "ext";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<ExtSuperblock> found = ExtSuperblock.read(volume);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ExtSuperblock superblock = found.get();
        AllocationMap map = new AllocationMap(
                superblock.name(),
                superblock.volumeName,
                Uuids.text(superblock.uuid),
                volume.size(),
                superblock.clusterSize(),
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(map.proven(() -> {
            superblock.check(volume.size());
            return new Ext.Reader(volume, superblock).used();
        }));
    }

    /** Reads the bitmaps of one filesystem. */
    private static final class Reader {
        private final BlockDevice volume;
        private final ExtSuperblock superblock;
        private final ExtGroups groups;
        private final ReadAhead bitmaps;
        private final FreeRuns free = new FreeRuns();
        private final int seed;

        Reader(BlockDevice volume, ExtSuperblock superblock) {
            this.volume = volume;
            this.superblock = superblock;
            groups = new ExtGroups(volume, superblock);
            bitmaps = new ReadAhead(volume, ByteOrder.LITTLE_ENDIAN);
            seed = superblock.checksumSeed();
        }

        ExtentSet used() throws IOException, UnprovenException {
            ExtActivity.requireNone(volume, superblock, groups);
            ExtentSet metadata = groups.metadata();
            for (long group = 0; group < superblock.groups(); group++) {
                ExtGroups.Descriptor descriptor = groups.descriptor(group);
                if (descriptor.bitmapUnset()) {
                    addAllBut(metadata, group);
                } else {
                    addBitmap(descriptor, metadata);
                }
            }
            return free.used(volume.size());
        }

        /** Adds the clusters of a group in which no metadata lies. */
        private void addAllBut(ExtentSet metadata, long group) {
            long start = offset(groups.firstBlock(group));
            ExtentSet rest = metadata.complement(start, offset(groups.endBlock(group)));
            int cluster = superblock.clusterSize();
            for (int run = 0; run < rest.count(); run++) {
                long from = start + (rest.offset(run) - start + cluster - 1) / cluster * cluster;
                long to = rest.end(run) == offset(groups.endBlock(group))
                        ? rest.end(run)
                        : start + (rest.end(run) - start) / cluster * cluster;
                free.add(from, Math.max(to - from, 0));
            }
        }

        private void addBitmap(ExtGroups.Descriptor descriptor, ExtentSet metadata)
                throws IOException, UnprovenException {
            long start = offset(groups.firstBlock(descriptor.group()));
            long end = offset(groups.endBlock(descriptor.group()));
            int cluster = superblock.clusterSize();
            long bitmapOffset = offset(descriptor.blockBitmap());
            ByteBuffer bitmap = bitmaps.read(bitmapOffset, (int) superblock.clustersPerGroup / Byte.SIZE);
            checkChecksum(descriptor, bitmap);
            FreeRuns ofGroup = new FreeRuns();
            long clear = ofGroup.addClear(bitmap, (int) ((end - start + cluster - 1) / cluster), start, cluster);
            ExtentSet runs = ofGroup.free();
            if (clear != descriptor.freeClusters()) {
                throw damaged(descriptor, bitmapOffset, clear + " are free, expected " + descriptor.freeClusters());
            }
            for (int run = 0; run < runs.count(); run++) {
                long length = Math.min(runs.end(run), end) - runs.offset(run);
                if (metadata.intersects(runs.offset(run), length)) {
                    throw damaged(descriptor, bitmapOffset, "metadata at " + runs.offset(run) + " is free");
                }
                free.add(runs.offset(run), length);
            }
        }

        private CorruptImageException damaged(ExtGroups.Descriptor descriptor, long bitmapOffset, String detail) {
            return new CorruptImageException(
                    volume.name(), bitmapOffset, "clusters of group " + descriptor.group() + ": " + detail);
        }

        private void checkChecksum(ExtGroups.Descriptor descriptor, ByteBuffer bitmap) throws UnprovenException {
            if (!superblock.hasRoCompat(ExtSuperblock.RO_COMPAT_METADATA_CSUM)) {
                return;
            }
            int mask = superblock.descSize >= 64 ? -1 : 0xFFFF;
            int computed = SeededCrc.crc32c(seed).update(bitmap).value() & mask;
            if (computed != descriptor.bitmapChecksum()) {
                throw new UnprovenException(
                        Reason.CHECKSUM,
                        "block bitmap of group %d: stored %08x, computed %08x"
                                .formatted(descriptor.group(), descriptor.bitmapChecksum(), computed));
            }
        }

        private long offset(long block) {
            return block * superblock.blockSize;
        }
    }
}
