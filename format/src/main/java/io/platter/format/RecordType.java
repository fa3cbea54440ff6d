package io.platter.format;

import io.platter.block.UnsupportedImageException;

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

    /**
     * Checks that a record may be in a file: that it is of one of these types, or belongs to others.
     *
     * @param code the record's type
     * @param resource the name of the file
     * @param recordOffset where the record starts
     * @throws UnsupportedImageException if only a later version of the format has such records
     */
    public static void check(int code, String resource, long recordOffset) throws UnsupportedImageException {
        if ((code < FILE.code || code > PADDING.code) && code < FIRST_FOREIGN_CODE) {
            throw new UnsupportedImageException(
                    resource,
                    "records of type " + code + ", such as the one at offset " + recordOffset
                            + ", which this version of Platter lacks");
        }
    }

    /** Returns the number that stands for this type on disk. */
    public int code() {
        return code;
    }
}
