package io.platter.engine.convert;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a disk's extents from its start to its end, each once: to find the end of a long one may take as long as
 * reading some of it.
 *
 * <p>Calling thread only.
 */
public final class ExtentCursor {
    /** Who knows the extents. */
    @FunctionalInterface
    public interface Lookup {
        /** Returns the run that starts at an offset inside the disk, as far as it is known. */
        ImageExtent extentAt(long diskOffset) throws IOException;
    }

    /** What is empty but shorter counts as data, so that hostile disks have no more runs than a real one. */
    private static final int SECTOR = 512;

    private final Lookup lookup;
    private final long diskSize;
    private @Nullable ImageExtent current;

    /**
     * Creates a cursor at a device's start. A hole is passed on as UNUSED: for either, nothing is stored in a file that can
     * leave it out.
     */
    public static ExtentCursor of(BlockDevice device) {
        return new ExtentCursor(lookup(device), device.size());
    }

    static Lookup lookup(BlockDevice device) {
        return diskOffset -> {
            Extent known = device.extentAt(diskOffset);
            ImageExtentKind kind =
                    switch (known.kind()) {
                        case DATA -> ImageExtentKind.DATA;
                        case ZERO -> ImageExtentKind.ZERO;
                        case HOLE -> ImageExtentKind.UNUSED;
                    };
            return new ImageExtent(known.offset(), known.length(), kind);
        };
    }

    /** Creates a cursor at the disk's start. */
    public ExtentCursor(Lookup lookup, long diskSize) {
        this.lookup = lookup;
        this.diskSize = diskSize;
    }

    /**
     * Returns the run at an offset, which is not before that of the last call: DATA, or what reads as zeros.
     *
     * @param end where the run ends at the latest
     */
    public ImageExtent at(long diskOffset, long end) throws IOException {
        ImageExtent known = current;
        if (known == null || known.end() <= diskOffset) {
            known = lookup.extentAt(diskOffset);
            if (known.kind() == ImageExtentKind.FILL || (known.length() < SECTOR && known.end() < diskSize)) {
                known = new ImageExtent(known.offset(), known.length(), ImageExtentKind.DATA);
            }
            current = known;
        }
        return known.clip(diskOffset, end);
    }
}
