package io.platter.image.codec;

import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;

/**
 * What a record holds.
 *
 * <p>Immutable.
 */
public enum RecordType {
    /** The file's header, its first two records. */
    FILE(1, false),
    /** Blocks, compressed together. */
    FRAME(2, false),
    /** A page of an index. */
    PAGE(3, false),
    /** The properties and partitions of an image. */
    PROPERTIES(4, false),
    /** The root of an image. */
    IMAGE(5, false),
    /** Makes all records before it count. */
    COMMIT(6, false),
    /** Fills room; without meaning. */
    PADDING(7, false),
    /** Where images are. */
    DIRECTORY(8, false),
    /** What blocks and pages a file has, for whoever appends. */
    CATALOG(9, true),
    /** What an image uses of other packs. */
    USAGE(13, true),
    /** Packs that are given up, and where their records are. */
    MOVED(14, true);

    private final int code;
    private final boolean ancillary;

    RecordType(int code, boolean ancillary) {
        this.code = code;
        this.ancillary = ancillary;
    }

    /** Returns the number that stands for this type on disk. */
    public int code() {
        return code;
    }

    /** Tells whether a reader that does not know the type may pass over such a record. */
    public boolean isAncillary() {
        return ancillary;
    }

    /**
     * Checks that a record may be in a file: that it is of one of these types, or may be passed over.
     *
     * @param resource the name of the file
     * @param recordOffset where the record starts
     * @throws CorruptImageException if a type is not marked as it must be
     * @throws UnsupportedImageException if it may not be passed over, and only a later version of the format has such records
     */
    static void check(RecordHeader header, String resource, long recordOffset)
            throws CorruptImageException, UnsupportedImageException {
        for (RecordType type : values()) {
            if (header.is(type)) {
                if (header.ancillary() != type.ancillary) {
                    throw new CorruptImageException(
                            resource,
                            recordOffset,
                            "record of type " + type.code + (header.ancillary() ? " with" : " without")
                                    + " the ancillary flag");
                }
                return;
            }
        }
        if (!header.ancillary()) {
            throw new UnsupportedImageException(
                    resource,
                    "records of type " + header.type() + ", such as the one at offset " + recordOffset
                            + ", which this version of Platter lacks");
        }
    }
}
