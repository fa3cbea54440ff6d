package io.platter.engine.line;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** How threads wait for each other here: an interrupt is kept for the end, and causes come out as they were. */
public final class Threads {
    private Threads() {}

    /** Runs an action without the flag of an interrupt, which would close a file; the flag is set again afterwards. */
    public static void uninterrupted(OrderedLine.Action action) throws IOException {
        getUninterrupted(() -> {
            action.run();
            return action;
        });
    }

    /** Something that reads or writes, and has a result. */
    @FunctionalInterface
    public interface Request<T> {
        /** Does it. */
        T get() throws IOException;
    }

    /** Does what {@link #uninterrupted} does, and returns the result. */
    public static <T> T getUninterrupted(Request<T> request) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            return request.get();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until a thread has ended. */
    public static void joinUninterrupted(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a result; what the task threw is thrown here. */
    public static <T> T get(Future<T> future) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw rethrow(e.getCause() == null ? e : e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until all tasks have ended and their threads, too. */
    public static void endUninterrupted(ExecutorService executor) {
        executor.shutdown();
        boolean interrupted = false;
        while (!executor.isTerminated()) {
            try {
                executor.awaitTermination(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Throws a failure of another thread as what it is. */
    public static RuntimeException rethrow(Throwable failure) throws IOException {
        if (failure instanceof UncheckedIOException e) {
            throw e.getCause();
        }
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        throw new IllegalStateException(failure);
    }

    /** Returns the exception for an interrupt of the calling thread, which counts as a cancellation; keeps the flag. */
    public static CancellationException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException("the calling thread was interrupted");
        cancelled.initCause(cause);
        return cancelled;
    }
}
