package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ImageFormatException;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/**
 * How large a volume has to be for what it holds, as that says of itself: a filesystem is not mounted, and an LVM
 * physical volume not activated, on anything smaller, however few of its bytes are used.
 *
 * <p>Safe for use by several threads.
 */
public final class VolumeSize {
    private VolumeSize() {}

    /**
     * Returns how large a volume has to be for what it holds, in bytes from its start and at most its own size: the
     * largest of the sizes if it shows the marks of several kinds. Nothing if that is not known: nothing was recognised,
     * it is damaged, or its structures refer to the volume's end, as those of encrypted volumes, of members of arrays
     * and pools, and of UDF do. Then all of the volume counts.
     *
     * @throws IOException if the volume can't be read
     */
    public static OptionalLong of(BlockDevice volume) throws IOException {
        try {
            long largest = Filesystems.lvm(List.of(volume)).sizeOf(volume);
            for (Filesystem filesystem : Filesystems.known()) {
                largest = Math.max(largest, filesystem.sizeOf(volume));
            }
            return largest == 0 ? OptionalLong.empty() : OptionalLong.of(Math.min(largest, volume.size()));
        } catch (ImageFormatException | UnprovenException e) {
            return OptionalLong.empty();
        }
    }
}
