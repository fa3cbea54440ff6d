package io.platter.block;

/** Bytes that contradict their format, with the place. */
public final class CorruptImageException extends ImageFormatException {
    private static final long serialVersionUID = 1;

    private final long offset;
    private final String detail;

    /**
     * Creates the exception.
     *
     * @param resource the name of the file or device
     * @param offset the place of the contradiction, in bytes from the start of {@code resource}
     * @param detail what is wrong, with the value found and the value expected
     */
    public CorruptImageException(String resource, long offset, String detail) {
        super(detail + " at offset " + offset + " of " + resource, resource);
        this.offset = offset;
        this.detail = detail;
    }

    /** Returns the place of the contradiction, in bytes from the start of the resource. */
    public long offset() {
        return offset;
    }

    /** Returns what is wrong, without the place. */
    public String detail() {
        return detail;
    }
}
