package io.platter.virtualdisk;

import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * Brings blocks of a new disk file into the form in which the file stores them, compressed as a rule: the costly part of
 * writing, which need not be done in order.
 *
 * <p>The form depends on the block and on the options of the file only. Not thread-safe: one thread at a time; each
 * thread that encodes has an encoder of its own, from {@link VirtualDiskWriter#newEncoder}.
 */
public interface BlockEncoder extends Closeable {
    /** Returns how much room {@link #encode} needs at most, in bytes. */
    int maxEncodedLength();

    /**
     * Encodes a block.
     *
     * @param block a direct buffer with a whole block from position to limit; what is past the disk's end is zeros.
     *     Afterwards its position is its limit
     * @param target a direct buffer with room for {@link #maxEncodedLength} bytes from its position on; the encoded form
     *     is put there
     * @return whether there is an encoded form, for {@link VirtualDiskWriter#encoded}; if not, {@code target} has its
     *     old position, and the block goes to {@link VirtualDiskWriter#data} as it is
     */
    boolean encode(ByteBuffer block, ByteBuffer target);

    /** Frees what the encoder holds. A second call does nothing. */
    @Override
    void close();
}
