package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Recognises filesystems by their content.
 *
 * <p>Safe for use by several threads.
 */
public final class Filesystems {
    private static final List<Filesystem> KNOWN = List.of();

    private Filesystems() {}

    /**
     * Returns which bytes of a volume are used. A volume that is not recognised, or whose structures are damaged,
     * counts as used whole, with the reason in the map.
     *
     * @param volume a partition, or a whole disk without a partition table
     * @throws IOException if the volume can't be read
     */
    public static AllocationMap probe(BlockDevice volume) throws IOException {
        for (Filesystem filesystem : KNOWN) {
            try {
                Optional<AllocationMap> map = filesystem.map(volume);
                if (map.isPresent()) {
                    return map.get();
                }
            } catch (CorruptImageException e) {
                return AllocationMap.whole(volume, filesystem.name(), Reason.DAMAGED, String.valueOf(e.getMessage()));
            }
        }
        return AllocationMap.whole(volume, "unknown", Reason.UNRECOGNISED, "");
    }
}
