package io.platter.cli;

import java.io.IOException;

/** Standard output, or standard error, can't be written: a full disk, a closed pipe. */
final class OutputException extends IOException {
    private static final long serialVersionUID = 1;

    OutputException(String name, IOException cause) {
        super(name + " can't be written: " + cause.getMessage(), cause);
    }
}
