package io.platter.job;

import java.io.IOException;

/**
 * Work that is done under a {@link JobControl}: a capture, a restore, or several of them one after the other.
 *
 * @param <R> what it returns
 * @see JobControl#start
 */
@FunctionalInterface
public interface Job<R> {
    /**
     * Does the work.
     *
     * @param control the control to pass on to what is run
     * @throws IOException if it fails
     */
    R run(JobControl control) throws IOException;
}
