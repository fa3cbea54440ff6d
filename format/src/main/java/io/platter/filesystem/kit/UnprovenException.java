package io.platter.filesystem.kit;

import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;

/** Thrown where it turns out that a filesystem's structures can't prove what is unused; never leaves the package. */
public final class UnprovenException extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /**
     * Creates the exception.
     *
     * @param detail the reason in words, with the values that were found
     */
    public UnprovenException(Reason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    /** Returns the state that the reason tells of. */
    VolumeState state() {
        return switch (reason) {
            case JOURNAL_DIRTY, NOT_CLEAN, HIBERNATED, IN_USE -> VolumeState.DIRTY;
            default -> VolumeState.UNKNOWN;
        };
    }
}
