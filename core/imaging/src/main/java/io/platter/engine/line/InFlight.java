package io.platter.engine.line;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * A bounded number of tasks on their way, in order.
 *
 * <p>Not thread-safe: one thread at a time.
 *
 * @param <W> what a worker needs
 */
public final class InFlight<W extends AutoCloseable> {
    /** A task that reads or writes. */
    @FunctionalInterface
    public interface Task<W> {
        /** Does the work. */
        void run(W tools) throws IOException;
    }

    private final Workers<W> workers;
    private final int limit;
    private final ArrayDeque<Future<?>> tasks = new ArrayDeque<>();

    /** Creates a row for at most {@code limit} tasks. */
    public InFlight(Workers<W> workers, int limit) {
        this.workers = workers;
        this.limit = limit;
    }

    /**
     * Starts a task, after waiting for the oldest if there are too many. What that, or another one that is done, threw is
     * thrown here.
     */
    public void start(Task<W> task) throws IOException {
        while (!tasks.isEmpty() && (tasks.size() >= limit || tasks.element().isDone())) {
            Threads.get(tasks.remove());
        }
        tasks.add(workers.submit((Consumer<W>) tools -> {
            try {
                task.run(tools);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }));
    }

    /** What starts tasks. */
    @FunctionalInterface
    public interface Starter {
        /** Starts them. */
        void run() throws IOException;
    }

    /**
     * Starts tasks and waits for all of them, also if starting them fails. The first failure is thrown, later ones are
     * suppressed.
     */
    public void all(Starter starter) throws IOException {
        Throwable failure = null;
        try {
            starter.run();
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        while (!tasks.isEmpty()) {
            try {
                Threads.get(tasks.remove());
            } catch (IOException | RuntimeException | Error e) {
                if (failure == null) {
                    failure = e;
                } else if (!failure.equals(e)) {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw Threads.rethrow(failure);
        }
    }
}
