package io.platter.pipeline;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    private volatile @Nullable Throwable failure;

    /**
     * Starts threads. Each makes its tools at once, while the caller prepares the work.
     *
     * @param name the threads' name, for those who look at them
     * @param count how many
     * @param tools gives each thread what it needs; called by several threads
     */
    public Workers(String name, int count, Supplier<W> tools) {
        this.executor = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "platter-" + name + "-" + (threads.size() + 1));
            threads.add(thread);
            return thread;
        });
        this.idle = new ArrayBlockingQueue<>(count);
        for (int i = 0; i < count; i++) {
            executor.execute(() -> prepare(tools));
        }
    }

    private void prepare(Supplier<W> tools) {
        try {
            idle.add(tools.get());
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** Has a task done by one of the threads. Its future fails if the tools could not be made. */
    public Future<?> submit(Consumer<W> task) {
        return executor.submit(() -> {
            // Tasks start behind all that make tools, so that there are as many tools as threads that run tasks.
            W tools = idle.poll();
            if (tools == null) {
                throw new IllegalStateException("a worker could not be prepared", failure);
            }
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
