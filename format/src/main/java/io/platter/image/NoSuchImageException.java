package io.platter.image;

import java.io.IOException;

/** A file that does not have the image that was asked for. */
public final class NoSuchImageException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what was asked for, and what the file has
     */
    public NoSuchImageException(String message) {
        super(message);
    }
}
