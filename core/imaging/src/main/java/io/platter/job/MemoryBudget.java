package io.platter.job;

import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory that several jobs share. A job reserves what it needs before it starts, and waits until that is there; so many
 * jobs can be started at once without running out of memory.
 *
 * <p>A job that would need more than the whole budget runs with fewer threads; if it does not fit with one thread either,
 * it fails at once. A thread that holds the memory of one job, such as an open {@code ImageWriter}, and starts
 * another under the same budget may wait for itself: give the two budgets of their own.
 *
 * <p>Safe for use by several threads; whoever came first is served first.
 */
public final class MemoryBudget {
    private static final MemoryBudget UNLIMITED = new MemoryBudget(Long.MAX_VALUE);
    private static final long POLL_MILLIS = 50;

    /** Part of a budget, until it is closed. */
    public final class Reservation implements AutoCloseable {
        private long held;

        private Reservation(long bytes) {
            this.held = bytes;
        }

        /** Gives the memory back; a second time does nothing. */
        @Override
        public void close() {
            lock.lock();
            try {
                reserved -= held;
                held = 0;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private final long bytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Under the lock.
    private final ArrayDeque<Object> waiting = new ArrayDeque<>();
    private long reserved;

    private MemoryBudget(long bytes) {
        this.bytes = bytes;
    }

    /**
     * Creates a budget.
     *
     * @param bytes 1 or more
     */
    public static MemoryBudget of(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("memory budget of " + bytes + " bytes, expected 1 or more");
        }
        return new MemoryBudget(bytes);
    }

    /** Returns the budget that never makes a job wait. */
    public static MemoryBudget unlimited() {
        return UNLIMITED;
    }

    /** Returns the size of the budget in bytes, {@code Long.MAX_VALUE} if it is unlimited. */
    public long bytes() {
        return bytes;
    }

    /** Returns how many bytes are not reserved at the moment. */
    public long available() {
        lock.lock();
        try {
            return bytes - reserved;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves memory, after waiting for it if need be.
     *
     * @param needed in bytes, 0 or more
     * @param cancellation ends the waiting
     * @throws IllegalArgumentException if the whole budget is less than that
     * @throws CancellationException if the waiting was cancelled, or the thread was interrupted
     */
    public Reservation reserve(long needed, CancellationToken cancellation) {
        if (needed < 0 || needed > bytes) {
            throw new IllegalArgumentException("the job needs " + needed + " bytes of memory, its budget has " + bytes);
        }
        lock.lock();
        try {
            Object place = new Object();
            waiting.add(place);
            try {
                while (!place.equals(waiting.peek()) || needed > bytes - reserved) {
                    cancellation.throwIfCancelled();
                    changed.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
                }
                reserved += needed;
                return new Reservation(needed);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("the thread was interrupted while it waited for memory");
            } finally {
                waiting.remove(place);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return bytes == Long.MAX_VALUE ? "unlimited" : available() + " of " + bytes + " bytes available";
    }
}
