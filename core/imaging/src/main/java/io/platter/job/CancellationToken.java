package io.platter.job;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Asks jobs to stop. A job notices it within a segment and throws {@link CancellationException}; a capture to a file leaves
 * a checkpoint from which it can be resumed.
 *
 * <p>Safe for use by several threads; one token may stop any number of jobs.
 */
public final class CancellationToken {
    private final @Nullable CancellationToken parent;
    private volatile boolean cancelled;

    /** Creates a token that has not been cancelled. */
    public CancellationToken() {
        this(null);
    }

    private CancellationToken(@Nullable CancellationToken parent) {
        this.parent = parent;
    }

    /** Returns a token that is cancelled with this one, and can be cancelled alone. */
    public CancellationToken child() {
        return new CancellationToken(this);
    }

    /** Asks the jobs that have this token to stop, for good. */
    public void cancel() {
        cancelled = true;
    }

    /** Returns whether the jobs that have this token are to stop. */
    public boolean isCancelled() {
        return cancelled || (parent != null && parent.isCancelled());
    }

    /**
     * Throws if the job is to stop.
     *
     * @throws CancellationException if this token was cancelled, or the calling thread was interrupted; the thread's
     *     interrupt flag stays set
     */
    public void throwIfCancelled() {
        if (isCancelled() || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("cancelled");
        }
    }
}
