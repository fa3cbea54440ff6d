package io.platter.engine.convert;

import io.platter.image.ImageExtent;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a disk goes, in ascending order and without gaps. Taker's thread only, but for {@link #written}. */
public interface PieceTarget {
    /** Takes bytes from position to limit. */
    void data(long diskOffset, ByteBuffer bytes) throws IOException;

    /** Takes a block that one of the target's encoders encoded. */
    default void encoded(long diskOffset, ByteBuffer block) throws IOException {
        throw new UnsupportedOperationException("a target without encoders");
    }

    /** Takes a run of kind ZERO, UNUSED or UNREADABLE. */
    void empty(ImageExtent run) throws IOException;

    /** Completes what was written. */
    void finish() throws IOException;

    /** Returns how many bytes were written so far. */
    long written();
}
