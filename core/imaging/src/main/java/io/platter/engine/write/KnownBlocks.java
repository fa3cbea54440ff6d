package io.platter.engine.write;

import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;

/**
 * Knows where blocks are that need not be stored again.
 *
 * <p>Writer thread only.
 */
public interface KnownBlocks {
    /**
     * Returns the place of a block, or {@link BlockIndex#NONE}.
     *
     * @param diskOffset where the block stands on the disk that is captured
     * @param hashes holds the block's hash, from {@code at} on
     * @param length the block's, in bytes
     */
    long find(long diskOffset, byte[] hashes, int at, int length) throws IOException;

    /** Adds a block that was not known. */
    void add(byte[] hashes, int at, long place);

    /** Adds a block, unless it is known. */
    void addUnlessKnown(byte[] hashes, int at, long place);

    /**
     * Is told of a leaf of the earlier image that is taken as it is, before it asks for the numbers of its frames.
     *
     * @throws IllegalStateException if there is no earlier image
     */
    default void keep(LeafPage leaf) {
        throw new IllegalStateException("no earlier image is known here");
    }

    /** Returns the number of a frame of the leaf that was kept last. */
    default long frameNumber(RecordLocation frame) {
        throw new IllegalStateException("no earlier image is known here");
    }

    /** Returns what an index knows. */
    static KnownBlocks of(BlockIndex index) {
        return new KnownBlocks() {
            @Override
            public long find(long diskOffset, byte[] hashes, int at, int length) {
                return index.find(hashes, at);
            }

            @Override
            public void add(byte[] hashes, int at, long place) {
                index.add(hashes, at, place);
            }

            @Override
            public void addUnlessKnown(byte[] hashes, int at, long place) {
                index.addUnlessKnown(hashes, at, place);
            }
        };
    }
}
