package io.platter.filesystem.ext;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.bytes.Uuids;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import java.io.IOException;
import java.util.Optional;

/**
 * ext2, ext3 and ext4: a bitmap of clusters for each group says what is used, see {@link Allocation}. Bitmaps of a
 * filesystem that was not unmounted, or whose journal is not empty, say nothing, see {@link Activity}.
 *
 * <p>Source: the kernel's {@code Documentation/filesystems/ext4}.
 */
public final class Ext implements Filesystem {
    @Override
    public String name() {
        return "ext";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        return Superblock.read(volume)
                .map(superblock -> Filesystem.bytes(superblock.blocksCount, superblock.blockSize))
                .orElse(0L);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<Superblock> found = Superblock.read(volume);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Superblock superblock = found.get();
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
        return Optional.of(Proof.apply(map, () -> {
            superblock.check(volume.size());
            return new Allocation(volume, superblock).used();
        }));
    }
}
