package io.platter.image;

import java.util.Objects;

/**
 * How the bytes of an image file end: whether all of them count, and if not, why.
 *
 * <p>Immutable.
 *
 * @param state which of the three it is
 * @param offset where the tear or the damage starts, in bytes from the start of the file; the file's size if it is clean
 * @param bytes how many bytes follow the last commit before the tear or the damage: what goes if the end is discarded
 * @param detail a sentence that says what was found
 */
public record FileEnd(State state, long offset, long bytes, String detail) {
    /** Checks the numbers. */
    public FileEnd {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(detail, "detail");
        if (offset < 0 || bytes < 0) {
            throw new IllegalArgumentException(
                    "end at offset " + offset + " with " + bytes + " bytes, expected 0 or more");
        }
    }

    /** How a file can end. */
    public enum State {
        /** With a commit: every byte counts. */
        CLEAN,

        /**
         * With what was being written when that was interrupted, or when the file was cut off. No commit vouches for it,
         * and an append drops it; but for an image of which only the commit is missing, which counts.
         */
        TORN,

        /**
         * With damage: what follows was committed, or is a complete image. Images that can be reached are read; an append
         * refuses the file unless {@link ImageOptions.Builder#discardDamagedEnd} allows it.
         */
        DAMAGED
    }
}
