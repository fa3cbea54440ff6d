package io.platter.job;

import java.io.IOException;

/** A disk is not the one, or not in the state, on which an image was begun. */
public final class SourceChangedException extends IOException {
    private static final long serialVersionUID = 1;

    /** Creates the exception. */
    public SourceChangedException(String message) {
        super(message);
    }
}
