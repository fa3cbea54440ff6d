package io.platter.block;

/** Bytes of a known format that need something this version does not have. */
public final class UnsupportedImageException extends ImageFormatException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param resource the name of the file or device
     * @param detail what is needed, by name
     */
    public UnsupportedImageException(String resource, String detail) {
        super(resource + " needs " + detail, resource);
    }
}
