package io.platter.image.codec;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;

/**
 * The packs in which records are read, by the number that a {@link RecordLocation} gives them. An image file is a store with
 * one pack, the number 0.
 */
@FunctionalInterface
public interface Packs {
    /**
     * Returns the bytes of a pack, which stay this object's.
     *
     * @param number the number of the pack
     * @throws CorruptImageException if there is no such pack
     * @throws IOException if it can't be opened
     */
    BlockDevice pack(int number) throws IOException;

    /** Returns the store of one pack: a file. */
    static Packs only(BlockDevice file) {
        return number -> {
            if (number != 0) {
                throw new CorruptImageException(file.name(), 0, "record in pack " + number + ", expected 0");
            }
            return file;
        };
    }
}
