package io.platter.block;

/**
 * What a run of bytes of a disk is.
 *
 * <p>Immutable.
 */
public enum ExtentKind {
    /** Bytes that are kept. */
    DATA(0),
    /** Known to be zeros. */
    ZERO(1),
    /** One pattern of eight bytes, repeated. */
    FILL(2),
    /** Not used by the filesystem; the bytes are not kept. A device that can't tell reads them as zeros. */
    UNUSED(3),
    /** Could not be read from the disk. */
    UNREADABLE(4),
    /** The bytes of a backing file at the same place: while a third-party format is read, never in an image. */
    PARENT(5);

    private static final ExtentKind[] BY_CODE = values();

    private final int code;

    ExtentKind(int code) {
        this.code = code;
    }

    /** Returns the number that stands for this kind on disk, 0 to 5. */
    public int code() {
        return code;
    }

    /**
     * Returns the kind of a code.
     *
     * @throws IllegalArgumentException if no kind has this code
     */
    public static ExtentKind ofCode(int code) {
        for (ExtentKind kind : BY_CODE) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("extent kind " + code + ", expected 0 to 5");
    }
}
