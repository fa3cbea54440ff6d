package io.platter.job;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How a job runs, whatever it does: its threads, its memory, who hears of its progress, and who may cancel it.
 *
 * <p>Immutable, and safe for use by several threads: one control may be given to any number of jobs, which then share its
 * executor, its memory budget and its cancellation.
 */
public final class JobControl {
    /** The most workers that a job takes. */
    public static final int MAX_THREADS = 64;

    private static final JobControl DEFAULTS = builder().build();

    private final int threads;
    private final Optional<Executor> executor;
    private final Optional<ThreadFactory> threadFactory;
    private final MemoryBudget memory;
    private final ProgressListener progress;
    private final CancellationToken cancellation;
    private final LongSupplier nanoClock;

    private JobControl(Builder builder) {
        this.threads = builder.threads;
        this.executor = builder.executor;
        this.threadFactory = builder.threadFactory;
        this.memory = builder.memory;
        this.progress = builder.progress;
        this.cancellation = builder.cancellation;
        this.nanoClock = builder.nanoClock;
    }

    /**
     * Returns the control of a job that nobody shares or watches: a worker for each processor, threads of its own, no limit
     * on memory, and a cancellation that nobody asks for.
     */
    public static JobControl defaults() {
        return DEFAULTS;
    }

    /** Returns a builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that starts from this control. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Returns this control with some changes. */
    public JobControl with(Consumer<Builder> changes) {
        Builder builder = toBuilder();
        changes.accept(builder);
        return builder.build();
    }

    /** Returns how many workers a job has at most, 1 to {@value #MAX_THREADS}. */
    public int threads() {
        return threads;
    }

    /** Returns what runs the costly work of jobs; empty if each job has threads of its own. */
    public Optional<Executor> executor() {
        return executor;
    }

    /** Returns what makes the threads of jobs; empty if they make daemon threads named {@code platter-…}. */
    public Optional<ThreadFactory> threadFactory() {
        return threadFactory;
    }

    /** Returns the memory that a job's buffers are taken from. */
    public MemoryBudget memory() {
        return memory;
    }

    /** Returns the listener that receives progress. */
    public ProgressListener progress() {
        return progress;
    }

    /** Returns the token by which the job is cancelled. */
    public CancellationToken cancellation() {
        return cancellation;
    }

    /** Returns the clock by which times are measured, in nanoseconds from any moment. */
    public LongSupplier nanoClock() {
        return nanoClock;
    }

    /**
     * Starts a job on a thread of its own.
     *
     * <pre>{@code
     * CompletableFuture<CaptureReport> running =
     *         JobControl.defaults().start(control -> Capture.of(disk).control(control).to(file));
     * }</pre>
     *
     * <p>{@link CompletableFuture#cancel} cancels the job, which then ends soon, not at once; so does this control's own token.
     *
     * @return what the job returns; or completed with what it threw, such as an {@link java.io.IOException}
     */
    public <R> CompletableFuture<R> start(Job<R> job) {
        Objects.requireNonNull(job, "job");
        CancellationToken own = cancellation.child();
        JobControl control = with(builder -> builder.cancellation(own));
        CompletableFuture<R> result = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                own.cancel();
                return super.cancel(mayInterruptIfRunning);
            }
        };
        newThread("platter-job", () -> complete(result, job, control)).start();
        return result;
    }

    private static <R> void complete(CompletableFuture<R> result, Job<R> job, JobControl control) {
        try {
            result.complete(job.run(control));
        } catch (Throwable e) { // handed over to whoever waits
            result.completeExceptionally(e);
        }
    }

    /** Returns a thread that is not started, from the caller's factory if there is one. */
    public Thread newThread(String name, Runnable task) {
        if (threadFactory.isEmpty()) {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        }
        Thread thread = threadFactory.get().newThread(task);
        if (thread == null) {
            throw new IllegalStateException("the thread factory made no thread for " + name);
        }
        return thread;
    }

    /** Returns what differs from the defaults. */
    @Override
    public String toString() {
        return new Changes(JobControl.class)
                .add("threads", threads, DEFAULTS.threads)
                .add("executor", executor, DEFAULTS.executor)
                .add("threadFactory", threadFactory, DEFAULTS.threadFactory)
                .add("memory", memory, DEFAULTS.memory)
                .add("progress", progress, DEFAULTS.progress)
                .add("cancelled", cancellation.isCancelled(), false)
                .toString();
    }

    /**
     * Builds controls.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private int threads = Math.min(Runtime.getRuntime().availableProcessors(), MAX_THREADS);
        private Optional<Executor> executor = Optional.empty();
        private Optional<ThreadFactory> threadFactory = Optional.empty();
        private MemoryBudget memory = MemoryBudget.unlimited();
        private ProgressListener progress = ProgressListener.NONE;
        private CancellationToken cancellation = new CancellationToken();
        private LongSupplier nanoClock = System::nanoTime;

        private Builder() {}

        private Builder(JobControl control) {
            this.threads = control.threads;
            this.executor = control.executor;
            this.threadFactory = control.threadFactory;
            this.memory = control.memory;
            this.progress = control.progress;
            this.cancellation = control.cancellation;
            this.nanoClock = control.nanoClock;
        }

        /**
         * Sets the number of workers, which hash, compress and check: one for each processor unless said otherwise. What a
         * job writes does not depend on it.
         *
         * @param count 1 to {@value JobControl#MAX_THREADS}
         */
        public Builder threads(int count) {
            if (count < 1 || count > MAX_THREADS) {
                throw new IllegalArgumentException("threads " + count + ", expected 1 to " + MAX_THREADS);
            }
            threads = count;
            return this;
        }

        /**
         * Sets what does the costly work, so that several jobs, and the rest of a program, share its threads. A job gives it
         * at most {@link #threads} tasks at a time, none of which waits for another. Threads that mostly wait for a disk stay
         * the job's own. The executor may have one thread, be busy, or be the one on which the job itself runs: a task that it
         * has not begun, or that it rejects, is done by the thread that needs its result.
         *
         * @param shared stays open
         */
        public Builder executor(Executor shared) {
            executor = Optional.of(shared);
            return this;
        }

        /** Sets what makes a job's own threads: they end with the job, and are never interrupted. */
        public Builder threadFactory(ThreadFactory factory) {
            threadFactory = Optional.of(factory);
            return this;
        }

        /** Sets the memory that jobs share: each reserves what it needs, and waits for it. */
        public Builder memory(MemoryBudget budget) {
            memory = Objects.requireNonNull(budget, "budget");
            return this;
        }

        /** Sets the listener that receives progress. */
        public Builder progress(ProgressListener listener) {
            progress = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** Sets the token by which jobs are cancelled with a {@link CancellationException}. */
        public Builder cancellation(CancellationToken token) {
            cancellation = Objects.requireNonNull(token, "token");
            return this;
        }

        /**
         * Sets the clock by which times are measured, for tests that do not wait.
         *
         * @param clock gives nanoseconds from any moment
         */
        public Builder nanoClock(LongSupplier clock) {
            nanoClock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** Returns the control. */
        public JobControl build() {
            return new JobControl(this);
        }
    }
}
