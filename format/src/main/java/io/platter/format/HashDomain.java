package io.platter.format;

/**
 * What is hashed: the first byte that goes into each SHA-256 of the format, so that no two kinds of things ever have the
 * same hash.
 *
 * <p>Immutable.
 */
public enum HashDomain {
    /** A block. */
    BLOCK(0),
    /** The map of an index page. */
    PAGE(1),
    /** The statement of an image: its id. */
    IMAGE(2),
    /** The properties of an image. */
    PROPERTIES(3),
    /** The map of a directory page. */
    DIRECTORY(4),
    /** The table of a commit. */
    COMMIT(5);

    private final byte code;

    HashDomain(int code) {
        this.code = (byte) code;
    }

    /** Returns the byte. */
    public byte code() {
        return code;
    }
}
