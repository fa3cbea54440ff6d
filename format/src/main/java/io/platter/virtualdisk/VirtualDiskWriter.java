package io.platter.virtualdisk;

import io.platter.block.ExtentKind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Writes a new file of some {@link VirtualDiskFormat}, from the disk's first byte to its last.
 *
 * <p>Each call continues exactly where the one before ended, and all of them together cover the disk. A failed call
 * leaves a writer that can only be closed. Not thread-safe: one thread at a time.
 */
public interface VirtualDiskWriter extends Closeable {
    /**
     * Adds bytes of the disk.
     *
     * @param diskOffset where they stand on the disk, which is where the call before ended
     * @param bytes the bytes from position to limit; afterwards its position is its limit, and the writer keeps no
     *     reference to it
     * @throws IllegalArgumentException if they do not continue what was added, or reach past the disk's end
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if the output can't be written
     */
    void data(long diskOffset, ByteBuffer bytes) throws IOException;

    /**
     * Adds a run without bytes.
     *
     * @param diskOffset where the run starts on the disk, which is where the call before ended
     * @param length its length in bytes, 0 or more
     * @param kind {@link ExtentKind#ZERO} or {@link ExtentKind#HOLE}; both read back as zeros
     * @throws IllegalArgumentException if the run does not continue what was added, or reaches past the disk's end, or
     *     is of another kind
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if the output can't be written
     */
    void empty(long diskOffset, long length, ExtentKind kind) throws IOException;

    /**
     * Returns the size in bytes of the block in which the file is stored, from the disk's first byte on. Data that is
     * given in whole blocks costs least.
     *
     * @return a power of two; by default 4096, for a file that has no blocks: the unit in which filesystems have holes
     */
    default int blockSize() {
        return 4096;
    }

    /**
     * Returns a new encoder, with which a thread can do a part of the work ahead: what it makes of a block goes to
     * {@link #encoded} instead of to {@link #data}, and gives the same file.
     *
     * @return the encoder, which the caller closes; by default nothing, for a file that stores blocks as they are
     */
    default Optional<BlockEncoder> newEncoder() {
        return Optional.empty();
    }

    /**
     * Adds a block of the disk, or what the disk's end leaves of it, as an encoder of this writer encoded it.
     *
     * @param diskOffset where the block stands on the disk, which is a multiple of {@link #blockSize} and where the call
     *     before ended
     * @param encoded the encoded form from position to limit; afterwards its position is its limit, and the writer keeps
     *     no reference to it
     * @throws IllegalArgumentException if the block does not continue what was added, or is none
     * @throws UnsupportedOperationException if this writer has no encoders
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if the output can't be written
     */
    default void encoded(long diskOffset, ByteBuffer encoded) throws IOException {
        throw new UnsupportedOperationException("a format that does not encode its blocks");
    }

    /**
     * Completes the file. Only now it is valid.
     *
     * @throws IllegalStateException if the disk's last byte was not reached, or the writer is finished or closed
     * @throws IOException if the output can't be written
     */
    void finish() throws IOException;

    /**
     * Frees what the writer holds, but does not close the output. Without {@link #finish} before it, the file is not
     * valid. A second call does nothing.
     */
    @Override
    void close() throws IOException;
}
