package io.platter.filesystem.kit;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.CorruptImageException;
import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import java.io.IOException;

/** Finds out which bytes of a volume are used, so that all others are proven to be unused. */
@FunctionalInterface
public interface Proof {
    /**
     * Returns the bytes that are used.
     *
     * @throws UnprovenException if something makes that doubtful
     * @throws CorruptImageException if structures of the filesystem contradict each other
     * @throws IOException if the volume can't be read
     */
    ExtentSet used() throws IOException, UnprovenException;

    /** Returns a map with the bytes that a proof finds to be used, or with all, and the reason, if it fails. */
    static AllocationMap apply(AllocationMap map, Proof proof) throws IOException {
        try {
            return map.withUsed(proof.used());
        } catch (UnprovenException e) {
            return map.asWhole(e.state(), e.reason(), e.detail());
        } catch (CorruptImageException e) {
            return map.asWhole(VolumeState.UNKNOWN, Reason.DAMAGED, String.valueOf(e.getMessage()));
        } catch (DeviceException e) {
            return map.asWhole(VolumeState.UNKNOWN, Reason.UNREADABLE, String.valueOf(e.getMessage()));
        }
    }
}
