package io.platter.block;

import java.io.IOException;

/** Bytes that are not what their format says: damaged, cut off, hostile, or of a kind that this version can't read. */
public abstract sealed class ImageFormatException extends IOException
        permits CorruptImageException, UnsupportedImageException {
    private static final long serialVersionUID = 1;

    private final String resource;

    ImageFormatException(String message, String resource) {
        super(message);
        this.resource = resource;
    }

    /** Returns the name of the file or device that holds the bytes. */
    public final String resource() {
        return resource;
    }
}
