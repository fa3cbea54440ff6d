package io.platter.cli;

import java.io.IOException;
import java.nio.file.Path;

/** A file is there, but is of another kind. */
final class NotAnImageException extends IOException {
    private static final long serialVersionUID = 1;

    NotAnImageException(Path file, IOException cause) {
        super(file + " is not a Platter image; convert reads other formats", cause);
    }
}
