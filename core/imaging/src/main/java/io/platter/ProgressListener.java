package io.platter;

/** Is told how far a job is. */
@FunctionalInterface
public interface ProgressListener {
    /** The listener that listens to nothing. */
    ProgressListener NONE = progress -> {};

    /**
     * Called on the thread that runs the job, at most every 200 milliseconds and once at its end. What it throws ends
     * the job.
     */
    void onProgress(Progress progress);
}
