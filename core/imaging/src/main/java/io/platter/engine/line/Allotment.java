package io.platter.engine.line;

import io.platter.job.JobControl;
import io.platter.job.MemoryBudget;
import java.util.function.IntToLongFunction;

/**
 * The workers and the memory that a job has got of what its control allows, until it is closed.
 *
 * <p>Immutable.
 */
public final class Allotment implements AutoCloseable {
    private final int threads;
    private final MemoryBudget.Reservation memory;

    private Allotment(int threads, MemoryBudget.Reservation memory) {
        this.threads = threads;
        this.memory = memory;
    }

    /**
     * Takes as many workers as the control allows and the whole memory budget has room for, and waits for their memory.
     *
     * @param memoryFor tells how many bytes a job with so many workers needs; more for more
     * @throws IllegalArgumentException if the budget has no room for one worker
     * @throws java.util.concurrent.CancellationException if the job was cancelled while it waited
     */
    public static Allotment take(JobControl control, IntToLongFunction memoryFor) {
        MemoryBudget budget = control.memory();
        int threads = control.threads();
        while (threads > 1 && memoryFor.applyAsLong(threads) > budget.bytes()) {
            threads--;
        }
        return new Allotment(threads, budget.reserve(memoryFor.applyAsLong(threads), control.cancellation()));
    }

    /** Returns how many workers the job has. */
    public int threads() {
        return threads;
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        memory.close();
    }
}
