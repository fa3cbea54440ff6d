package io.platter.filesystem.kit;

import io.platter.allocation.AllocationMap;
import io.platter.block.BlockDevice;
import java.io.IOException;

/** Recognises what a volume holds, for filesystems that hold volumes. */
@FunctionalInterface
public interface Prober {
    /**
     * Returns which bytes of a volume are used.
     *
     * @throws IOException if the volume is no longer open
     */
    AllocationMap map(BlockDevice volume) throws IOException;
}
