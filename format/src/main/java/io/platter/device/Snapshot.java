package io.platter.device;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A disk that holds still from the moment this exists until it is closed, so that it can be captured while its system
 * runs on.
 *
 * <p>{@link RawDisks#freeze} is one kind. An application that has its own, such as a logical volume's snapshot or a
 * shadow copy, implements this: it makes the snapshot, names the device under which the still bytes are read, and
 * removes the snapshot in {@link #close()}.
 *
 * <p>Implementations are safe for use by several threads, and closing twice does nothing more.
 */
public interface Snapshot extends Closeable {
    /** Returns the device to read, for {@link RawDisks#open(Path, io.platter.block.OpenMode)}. */
    Path device();

    /**
     * Lets the disk move on.
     *
     * @throws IOException if the disk did not hold still all the time, or can't be let go
     */
    @Override
    void close() throws IOException;
}
