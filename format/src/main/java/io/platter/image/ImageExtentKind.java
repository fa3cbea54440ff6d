package io.platter.image;

/**
 * What an image holds of a run of its disk. What a device knows of itself is told by {@link io.platter.block.ExtentKind}: a
 * hole of a device reads as zeros and is captured as {@link #ZERO}, while nobody knows any more what {@link #UNUSED} bytes
 * were.
 *
 * <p>Immutable.
 */
public enum ImageExtentKind {
    /** Bytes that are kept. */
    DATA(0),
    /** Known to be zeros. */
    ZERO(1),
    /** One pattern of eight bytes, repeated. */
    FILL(2),
    /** Not used by the filesystem; the bytes were not kept. They read as zeros, and a restore leaves them as they are. */
    UNUSED(3),
    /** Could not be read from the disk. They read as zeros, and a restore leaves them as they are. */
    UNREADABLE(4);

    private static final ImageExtentKind[] BY_CODE = values();

    private final int code;

    ImageExtentKind(int code) {
        this.code = code;
    }

    /** Returns the number that stands for this kind in an image file, 0 to 4. */
    public int code() {
        return code;
    }

    /**
     * Returns the kind of a code.
     *
     * @throws IllegalArgumentException if no kind has this code
     */
    public static ImageExtentKind ofCode(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("extent kind " + code + ", expected 0 to " + (BY_CODE.length - 1));
        }
        return BY_CODE[code];
    }
}
