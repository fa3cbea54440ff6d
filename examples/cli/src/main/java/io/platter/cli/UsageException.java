package io.platter.cli;

import java.util.List;

/** The program was asked for something that makes no sense, or that needs another word. */
final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final transient List<String> hints;

    /**
     * Says what is wrong.
     *
     * @param hints lines that follow the message
     */
    UsageException(String message, String... hints) {
        super(message);
        this.hints = List.of(hints);
    }

    /** Returns the lines that follow the message. */
    List<String> hints() {
        return hints;
    }
}
