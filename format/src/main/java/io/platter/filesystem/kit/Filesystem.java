package io.platter.filesystem.kit;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.util.Optional;

/**
 * One kind of filesystem: how it is recognised, and how its allocation is read.
 *
 * <p>Implementations are without state and safe for use by several threads.
 */
public interface Filesystem {
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

    /**
     * Returns how large a volume has to be for what it holds, as the filesystem says of itself.
     *
     * @return in bytes, perhaps more than the volume has; 0 if the volume does not hold this filesystem
     * @throws UnprovenException if it holds this filesystem, and that does not say its size, or not in a known way
     * @throws CorruptImageException if it holds this filesystem, but its structures contradict each other
     * @throws IOException if the volume can't be read
     */
    long sizeOf(BlockDevice volume) throws IOException, UnprovenException;

    /** Returns the size of so many units in bytes, at least 1, and at most what a number can hold. */
    static long bytes(long count, long unit) {
        return count < 0 || Math.multiplyHigh(count, unit) != 0 ? Long.MAX_VALUE : Math.max(count * unit, 1);
    }

    /** Returns the name of this kind, for the map of a volume whose structures contradict each other. */
    String name();
}
