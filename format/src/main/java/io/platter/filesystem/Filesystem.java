package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.util.Optional;

/**
 * One kind of filesystem: how it is recognised, and how its allocation is read.
 *
 * <p>Implementations are without state and safe for use by several threads.
 */
interface Filesystem {
    /**
     * Looks whether a volume holds this filesystem, and if so, which of its bytes are used.
     *
     * <p>A byte is left out of the map only on positive proof. Whatever makes the proof doubtful gives a map in which
     * everything is used, with its reason.
     *
     * @return the map, or nothing if the volume does not hold this filesystem
     * @throws CorruptImageException if the volume holds this filesystem, but its structures contradict each other; the
     *     caller then takes all of it as used, with {@link Reason#DAMAGED}
     * @throws IOException if the volume can't be read
     */
    Optional<AllocationMap> map(BlockDevice volume) throws IOException;

    /** Returns the name of this kind, for the map of a volume whose structures contradict each other. */
    String name();
}
