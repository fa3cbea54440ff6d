package io.platter.pipeline;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Threads with what each needs for its work.
 *
 * <p>Safe for use by several threads.
 *
 * @param <W> what a thread needs
 */
public final class Workers<W extends AutoCloseable> implements AutoCloseable {
    private final ExecutorService executor;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ArrayBlockingQueue<W> idle;

    /**
     * Starts threads.
     *
     * @param name the threads' name, for those who look at them
     * @param count how many
     * @param tools gives each thread what it needs
     */
    public Workers(String name, int count, Supplier<W> tools) {
        this.executor = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "platter-" + name + "-" + (threads.size() + 1));
            threads.add(thread);
            return thread;
        });
        this.idle = new ArrayBlockingQueue<>(count);
        for (int i = 0; i < count; i++) {
            idle.add(tools.get());
        }
    }

    /** Has a task done by one of the threads. */
    public Future<?> submit(Consumer<W> task) {
        return executor.submit(() -> {
            // Never empty: there are as many tools as threads.
            W tools = idle.remove();
            try {
                task.accept(tools);
            } finally {
                idle.add(tools);
            }
        });
    }

    /** Waits for all tasks, then ends the threads. */
    @Override
    public void close() {
        executor.shutdown();
        threads.forEach(Threads::joinUninterrupted);
        for (W tools : idle) {
            try {
                tools.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
