package io.platter.job;

/**
 * Receives the progress of a job.
 *
 * <p>Called by one thread at a time; a listener that several jobs share is called by several threads.
 */
@FunctionalInterface
public interface ProgressListener {
    /** Ignores all progress. */
    ProgressListener NONE = progress -> {};

    /**
     * Receives how far the job is: on the thread that runs it, at most every 200 milliseconds, and once at its end. An
     * exception thrown here ends the job.
     */
    void onProgress(Progress progress);
}
