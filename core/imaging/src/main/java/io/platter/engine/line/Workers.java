package io.platter.engine.line;

import io.platter.job.JobControl;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What does a job's tasks in parallel. Each task gets tools, such as a digest or a compressor, that no other task uses at
 * the same time.
 *
 * <p>Safe for use by several threads.
 *
 * @param <W> the tools
 */
public interface Workers<W extends AutoCloseable> extends AutoCloseable {
    /** For tasks that need no tools. */
    Supplier<AutoCloseable> NO_TOOLS = () -> () -> {};

    /**
     * Starts workers for costly tasks that wait for nobody: threads of their own, or the caller's executor.
     *
     * @param name the threads' name, for those who look at them
     * @param count how many tasks are done at the same time
     * @param tools makes tools; called by several threads
     */
    static <W extends AutoCloseable> Workers<W> start(JobControl control, String name, int count, Supplier<W> tools) {
        return control.executor().isPresent()
                ? new SharedWorkers<>(control.executor().get(), count, tools)
                : new OwnWorkers<>(control, name, count, tools);
    }

    /**
     * Starts threads for tasks that mostly wait, for a disk or for other tasks.
     *
     * @param name the threads' name, for those who look at them
     * @param count how many
     */
    static Workers<AutoCloseable> startWaiting(JobControl control, String name, int count) {
        return new OwnWorkers<>(control, name, count, NO_TOOLS);
    }

    /** Has a task done, after those that were submitted before. */
    Future<?> submit(Consumer<W> task);

    /** Has a task done as soon as a worker is free: it works on what is still in the processor's cache. */
    Future<?> submitFirst(Consumer<W> task);

    /**
     * Waits for all tasks, then ends the threads and closes the tools.
     *
     * @throws IllegalStateException if tools could not be closed
     */
    @Override
    void close();
}
