package io.platter.nbd;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A server that can't be reached, refuses, breaks the protocol, or went away. */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1;

    NbdException(NbdUri server, String problem, @Nullable Throwable cause) {
        super(server + ": " + problem, cause);
    }
}
