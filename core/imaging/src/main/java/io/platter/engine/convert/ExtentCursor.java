package io.platter.engine.convert;

import io.platter.block.Extent;
import io.platter.block.ExtentKind;
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
        Extent extentAt(long diskOffset) throws IOException;
    }

    /** What is empty but shorter counts as data, so that hostile disks have no more runs than a real one. */
    private static final int SECTOR = 512;

    private final Lookup lookup;
    private final long diskSize;
    private @Nullable Extent current;

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
    public Extent at(long diskOffset, long end) throws IOException {
        Extent known = current;
        if (known == null || known.end() <= diskOffset) {
            known = lookup.extentAt(diskOffset);
            if (known.kind() == ExtentKind.FILL || (known.length() < SECTOR && known.end() < diskSize)) {
                known = new Extent(known.offset(), known.length(), ExtentKind.DATA);
            }
            current = known;
        }
        return known.clip(diskOffset, end);
    }
}
