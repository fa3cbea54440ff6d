package io.platter.engine.line;

import io.platter.job.JobControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Items that pass two stations: workers, which do the costly part in any order, and takers, which take the items in the order
 * in which they were planned; a single taker takes them one after the other. Takers are threads of their own: a thread that
 * mostly waits for I/O is scheduled as soon as its write completes, and the worker can start its next item. A fixed number
 * of items is reused, which bounds the memory.
 *
 * <p>Calling thread only.
 *
 * @param <W> what a worker needs
 * @param <T> an item
 */
public final class OrderedLine<W extends AutoCloseable, T> implements AutoCloseable {
    /** Says what is done next; on the calling thread. */
    @FunctionalInterface
    public interface Plan<T> {
        /** Prepares an item and returns true, or false if nothing is left to do. */
        boolean next(T item) throws IOException;
    }

    /** Does the costly part; on a worker. */
    @FunctionalInterface
    public interface Work<W, T> {
        /** Works on an item. */
        void on(W tools, T item) throws IOException;
    }

    /** Does what has to be done in order; on a taker, which nobody interrupts, since that would close a file. */
    @FunctionalInterface
    public interface Taker<T> {
        /** Takes an item, which is used again afterwards. */
        void take(T item) throws IOException;
    }

    /** Something that reads or writes. */
    @FunctionalInterface
    public interface Action {
        /** Does it. */
        void run() throws IOException;
    }

    private record Running<T>(T item, Future<?> taken) {}

    private final Workers<W> workers;
    private final Workers<AutoCloseable> takers;
    private final ArrayDeque<T> idle = new ArrayDeque<>();
    private final ArrayDeque<Running<T>> running = new ArrayDeque<>();
    private volatile boolean failed;

    /**
     * Starts the threads.
     *
     * @param control makes the threads
     * @param name the workers' name, for those who look at them
     * @param threads how many workers
     * @param takers how many takers
     * @param tools gives each worker what it needs
     * @param items gives the items, of which there are {@code 2 × threads + 2 × takers}
     */
    public OrderedLine(JobControl control, String name, int threads, int takers, Supplier<W> tools, Supplier<T> items) {
        for (int i = 0; i < 2 * threads + 2 * takers; i++) {
            idle.add(items.get());
        }
        this.workers = Workers.start(control, name, threads, tools);
        try {
            this.takers = Workers.startWaiting(control, "writer", takers);
        } catch (RuntimeException | Error e) {
            workers.close();
            throw e;
        }
    }

    /** Does all that the plan says; afterwards nothing is under way any more, also if it failed. */
    public void run(Plan<T> plan, Work<W, T> work, Taker<T> taker) throws IOException {
        try {
            boolean more = true;
            while (more || !running.isEmpty()) {
                if (!more || idle.isEmpty()) {
                    awaitOldest();
                } else if (plan.next(idle.getLast())) {
                    start(idle.removeLast(), work, taker);
                } else {
                    more = false;
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            failed = true;
            dropAll(e);
            throw e;
        }
    }

    private void start(T item, Work<W, T> work, Taker<T> taker) {
        Future<?> done = workers.submit(tools -> noteFailure(() -> {
            if (!failed) {
                work.on(tools, item);
            }
        }));
        // Waits for the work also if something failed meanwhile: it may be the work.
        Future<?> taken = takers.submit(nothing -> noteFailure(() -> {
            Threads.get(done);
            if (!failed) {
                taker.take(item);
            }
        }));
        running.add(new Running<>(item, taken));
    }

    private void noteFailure(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            failed = true;
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            failed = true;
            throw e;
        }
    }

    private void awaitOldest() throws IOException {
        Running<T> oldest = running.remove();
        Threads.get(oldest.taken);
        idle.add(oldest.item);
    }

    private void dropAll(Throwable cause) {
        while (!running.isEmpty()) {
            try {
                awaitOldest();
            } catch (IOException | RuntimeException | Error e) {
                if (!e.equals(cause)) {
                    cause.addSuppressed(e);
                }
            }
        }
    }

    /** Runs an action on a taker, which nobody interrupts, after what was planned before. */
    public void onTaker(Action action) throws IOException {
        Threads.get(takers.submit(nothing -> noteFailure(action)));
    }

    /** Waits for all threads and ends them. */
    @Override
    public void close() {
        try (takers) {
            workers.close();
        }
    }
}
