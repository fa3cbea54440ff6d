package io.platter.job;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A target that was not written, because that would destroy what is read, or an image. Nothing was written. */
public final class TargetRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    private final String target;
    private final @Nullable String source;

    /** Creates the exception. */
    public TargetRefusedException(String target, @Nullable String source, String message) {
        super(message);
        this.target = target;
        this.source = source;
    }

    /** Returns the name of what was to be written. */
    public String target() {
        return target;
    }

    /** Returns the name of what is read and would have been destroyed; nothing if the target is an image of another. */
    public Optional<String> source() {
        return Optional.ofNullable(source);
    }
}
