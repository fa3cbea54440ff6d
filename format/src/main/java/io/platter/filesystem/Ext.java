package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.util.Optional;

/**
 * ext2, ext3 and ext4: a bitmap of clusters for each group says what is used, see {@link ExtAllocation}. Bitmaps of a
 * filesystem that was not unmounted, or whose journal is not empty, say nothing, see {@link ExtActivity}.
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
            return new ExtAllocation(volume, superblock).used();
        }));
    }
}
