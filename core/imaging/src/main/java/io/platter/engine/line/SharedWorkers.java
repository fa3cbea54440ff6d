package io.platter.engine.line;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Workers on an executor of the caller, which may be busy, have few threads, or have been shut down: a thread that waits for
 * a task that was not begun does it itself. So no job waits for another one that waits for it.
 *
 * <p>Each turn on the executor does one task, so that jobs that share it advance alike.
 */
final class SharedWorkers<W extends AutoCloseable> implements Workers<W> {
    /** A task, which runs once: on the executor, or on the first thread that waits for it. */
    private final class Task extends CompletableFuture<@Nullable Void> {
        private final Consumer<W> work;
        private boolean begun; // under the lock of the workers

        Task(Consumer<W> work) {
            this.work = work;
        }

        @Override
        public @Nullable Void get() throws InterruptedException, ExecutionException {
            if (begin(this)) {
                run(this);
            }
            return super.get();
        }
    }

    private final Executor executor;
    private final int count;
    private final Supplier<W> supplier;

    // Under this object's lock.
    private final ArrayDeque<Task> waiting = new ArrayDeque<>();
    private final ArrayDeque<W> idleTools = new ArrayDeque<>();
    private int turns;
    private int running;

    SharedWorkers(Executor executor, int count, Supplier<W> tools) {
        this.executor = executor;
        this.count = count;
        this.supplier = tools;
    }

    @Override
    public Future<?> submit(Consumer<W> work) {
        Task task = new Task(work);
        synchronized (this) {
            waiting.addLast(task);
        }
        askForTurn();
        return task;
    }

    @Override
    public Future<?> submitFirst(Consumer<W> work) {
        Task task = new Task(work);
        synchronized (this) {
            waiting.addFirst(task);
        }
        askForTurn();
        return task;
    }

    private void askForTurn() {
        synchronized (this) {
            if (turns >= count || waiting.isEmpty()) {
                return;
            }
            turns++;
        }
        try {
            executor.execute(this::takeTurn);
        } catch (RejectedExecutionException e) {
            // Those who wait for the tasks do them.
            synchronized (this) {
                turns--;
            }
        }
    }

    private void takeTurn() {
        Task task = next();
        if (task != null) {
            run(task);
        }
        synchronized (this) {
            turns--;
        }
        askForTurn();
    }

    private synchronized @Nullable Task next() {
        for (Task task = waiting.poll(); task != null; task = waiting.poll()) {
            if (begin(task)) {
                return task;
            }
        }
        return null;
    }

    private synchronized boolean begin(Task task) {
        if (task.begun) {
            return false;
        }
        task.begun = true;
        running++;
        return true;
    }

    /** Runs a task that this thread has begun. An interrupt is not for it: it would close the files that it reads. */
    private void run(Task task) {
        boolean interrupted = Thread.interrupted();
        try {
            W tools = takeTools();
            try {
                task.work.accept(tools);
            } finally {
                giveBack(tools);
            }
            task.complete(null);
        } catch (Throwable e) { // handed over to whoever waits
            task.completeExceptionally(e);
        } finally {
            synchronized (this) {
                running--;
                notifyAll();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private W takeTools() {
        synchronized (this) {
            if (!idleTools.isEmpty()) {
                return idleTools.pop();
            }
        }
        return supplier.get();
    }

    private synchronized void giveBack(W tools) {
        idleTools.push(tools);
    }

    @Override
    public void close() {
        for (Task task = next(); task != null; task = next()) {
            run(task);
        }
        awaitRunning();
        Exception notClosed = null;
        for (W tools : idleTools) {
            try {
                tools.close();
            } catch (Exception e) {
                notClosed = e;
            }
        }
        idleTools.clear();
        if (notClosed != null) {
            throw new IllegalStateException("a worker's tools could not be closed", notClosed);
        }
    }

    private synchronized void awaitRunning() {
        boolean interrupted = false;
        while (running > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
