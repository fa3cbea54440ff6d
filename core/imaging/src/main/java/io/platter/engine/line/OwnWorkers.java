package io.platter.engine.line;

import io.platter.job.JobControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are threads of their own. Whatever fails, {@link #close} ends all of them: a thread that can't get what it
 * needs stays to answer with the reason.
 *
 * <p>Safe for use by several threads.
 *
 * @param <W> what a thread needs
 */
final class OwnWorkers<W extends AutoCloseable> implements Workers<W> {
    private static final class Job<W> {
        final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        private final Consumer<W> task;

        Job(Consumer<W> task) {
            this.task = task;
        }

        void run(W tools) {
            try {
                task.accept(tools);
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        }

        void refuse(@Nullable Throwable cause) {
            done.completeExceptionally(cause == null ? new IllegalStateException("no tools") : cause);
        }
    }

    private final Supplier<W> supplier;
    private final List<Thread> threads = new ArrayList<>();
    private final LinkedBlockingDeque<Job<W>> jobs = new LinkedBlockingDeque<>();
    /** After all jobs when there will be no more. */
    private final Job<W> end = new Job<>(tools -> {});

    /** Why a thread has no tools: the first reason, since the system's classes that it broke only say that they broke. */
    private volatile @Nullable Throwable noTools;

    private volatile @Nullable Exception notClosed;

    /**
     * Starts threads. Each makes its tools at once, while the caller prepares the work.
     *
     * @param control makes the threads
     * @param name the threads' name, for those who look at them
     * @param count how many
     * @param tools gives each thread what it needs; called by several threads
     */
    OwnWorkers(JobControl control, String name, int count, Supplier<W> tools) {
        this.supplier = tools;
        try {
            for (int number = 1; number <= count; number++) {
                Thread thread = control.newThread("platter-" + name + "-" + number, this::work);
                thread.start();
                threads.add(thread);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void work() {
        try {
            Optional<W> tools = makeTools();
            for (Job<W> job = next(); job != end; job = next()) {
                if (tools.isPresent()) {
                    job.run(tools.get());
                } else {
                    job.refuse(noTools);
                }
            }
            if (tools.isPresent()) {
                tools.get().close();
            }
        } catch (Exception e) {
            notClosed = e;
        } finally {
            jobs.addLast(end);
        }
    }

    private Optional<W> makeTools() {
        try {
            return Optional.of(supplier.get());
        } catch (Throwable e) {
            synchronized (this) {
                if (noTools == null) {
                    noTools = e;
                }
            }
            return Optional.empty();
        }
    }

    private Job<W> next() {
        while (true) {
            try {
                return jobs.take();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread for a good reason.
            }
        }
    }

    @Override
    public Future<?> submit(Consumer<W> task) {
        Job<W> job = new Job<>(task);
        jobs.addLast(job);
        return job.done;
    }

    @Override
    public Future<?> submitFirst(Consumer<W> task) {
        Job<W> job = new Job<>(task);
        jobs.addFirst(job);
        return job.done;
    }

    @Override
    public void close() {
        jobs.addLast(end);
        threads.forEach(Threads::joinUninterrupted);
        if (notClosed != null) {
            throw new IllegalStateException("a worker's tools could not be closed", notClosed);
        }
    }
}
