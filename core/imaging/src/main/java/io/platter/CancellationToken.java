package io.platter;

import java.util.concurrent.CancellationException;

/**
 * Asks a job to stop. The job sees it within a segment, and throws {@link CancellationException}; a capture leaves a
 * checkpoint from which it can be resumed.
 *
 * <p>Safe for use by several threads.
 */
public final class CancellationToken {
    private volatile boolean cancelled;

    /** Creates a token that does not ask for anything yet. */
    public CancellationToken() {
        this.cancelled = false;
    }

    /** Asks the job to stop. */
    public void cancel() {
        cancelled = true;
    }

    /** Tells whether the job was asked to stop. */
    public boolean isCancelled() {
        return cancelled;
    }

    /** Throws if the job was asked to stop, or the calling thread was interrupted, whose flag stays set. */
    void check() {
        if (cancelled || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("cancelled");
        }
    }
}
