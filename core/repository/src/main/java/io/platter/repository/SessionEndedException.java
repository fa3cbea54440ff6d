package io.platter.repository;

import java.io.IOException;

/**
 * A capture or collection was given up by somebody else, who had not heard of it for long: what it wrote does not count, and the
 * job has to be run again.
 */
public final class SessionEndedException extends IOException {
    private static final long serialVersionUID = 1;

    SessionEndedException(String message) {
        super(message);
    }
}
