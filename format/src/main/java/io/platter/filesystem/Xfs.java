package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.util.Optional;

/**
 * XFS version 5: trees of free runs in each allocation group say what is free, see {@link XfsAllocation}. XFS has no mark
 * of a clean unmount: {@link XfsLog} looks for it.
 *
 * <p>Source: "XFS Algorithms &amp; Data Structures", 3rd edition, chapters "Allocation Groups" and "Journaling Log".
 */
final class Xfs implements Filesystem {
    @Override
    public String name() {
        return "xfs";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<XfsSuperblock> found = XfsSuperblock.read(volume);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        XfsSuperblock superblock = found.get();
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
        return Optional.of(map.proven(() -> {
            superblock.check(volume.size());
            new XfsLog(volume, superblock).requireUnmounted();
            return new XfsAllocation(volume, superblock).used();
        }));
    }
}
