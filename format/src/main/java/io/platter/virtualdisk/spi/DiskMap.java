package io.platter.virtualdisk.spi;

import java.io.IOException;

/** A format's map from a disk to its file, looked up place by place. Implementations are safe for several threads. */
@FunctionalInterface
public interface DiskMap {
    /**
     * Returns the run that holds a place. It may start before that place and end after the disk, and need not be the
     * longest possible; a DATA run lies inside the file.
     *
     * @param diskOffset in bytes, inside the disk
     */
    Run runAt(long diskOffset) throws IOException;
}
