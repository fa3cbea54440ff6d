package io.platter.format;

/**
 * What a record holds.
 *
 * <p>Immutable.
 */
public enum RecordType {
    /** The file's header, its first record. */
    FILE(1),
    /** Blocks, compressed together. */
    FRAME(2),
    /** A page of an index. */
    PAGE(3),
    /** The properties and partitions of an image. */
    PROPERTIES(4),
    /** The root of an image. */
    IMAGE(5),
    /** Makes all records before it count. */
    COMMIT(6),
    /** Fills room; without meaning. */
    PADDING(7);

    /** Records of this code and above belong to others, and are passed over by readers that don't know them. */
    public static final int FIRST_FOREIGN_CODE = 128;

    private final int code;

    RecordType(int code) {
        this.code = code;
    }

    /** Tells whether a code is one of these types. */
    public static boolean isKnown(int code) {
        return code >= FILE.code && code <= PADDING.code;
    }

    /** Returns the number that stands for this type on disk. */
    public int code() {
        return code;
    }
}
