package io.platter.filesystem.xfs;

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
 * XFS version 5: trees of free runs in each allocation group say what is free, see {@link Allocation}. XFS has no mark
 * of a clean unmount: {@link Log} looks for it.
 *
 * <p>Source: "XFS Algorithms &amp; Data Structures", 3rd edition, chapters "Allocation Groups" and "Journaling Log".
 */
public final class Xfs implements Filesystem {
    @Override
    public String name() {
        return "xfs";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        return Superblock.read(volume)
                .map(superblock -> Filesystem.bytes(superblock.dataBlocks, superblock.blockSize))
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
                name(),
                superblock.fsName,
                Uuids.text(superblock.uuid),
                volume.size(),
                superblock.blockSize,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> {
            superblock.check(volume.size());
            new Log(volume, superblock).requireUnmounted();
            return new Allocation(volume, superblock).used();
        }));
    }
}
