package io.platter.image.codec;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import java.io.IOException;

/**
 * The packs in which records are read, by the number that a {@link RecordLocation} gives them. An image file is a store with
 * one pack, the number 0.
 *
 * <p>Safe for use by several threads.
 */
public interface Packs {
    /**
     * Returns the bytes of a pack, which stay this object's.
     *
     * @param number the number of the pack
     * @throws CorruptImageException if there is no such pack
     * @throws IOException if it can't be opened
     */
    BlockDevice pack(int number) throws IOException;

    /** Tells whether records may name packs besides number 0. */
    default boolean mayBeNamed() {
        return false;
    }

    /**
     * Returns the number of a pack that a record names.
     *
     * @throws IllegalStateException if records may name none
     */
    default int number(FileId id) {
        throw new IllegalStateException("number of pack " + id + ", where there are no others");
    }

    /** Returns what a row of records has that names no other packs, and of which none is looked up. */
    static Packs none() {
        return number -> {
            throw new IllegalStateException("pack " + number + " of a row of records");
        };
    }

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
