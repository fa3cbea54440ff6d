package io.platter.engine.write;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.engine.line.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Reads a disk ahead of those who cut it into blocks, in long pieces and in the order of the disk. How many pieces are
 * read at the same time is up to {@link ReaderCount}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ReadAhead implements AutoCloseable {
    /** Says what to do with the disk from an offset on. */
    @FunctionalInterface
    public interface Plan {
        /** Returns the extent that starts at {@code diskOffset}: DATA to be read, or a run that is not. */
        Extent extentAt(long diskOffset) throws IOException;
    }

    /** Runs without data are no burden, but there is no use in knowing many of them. */
    private static final int MAX_STEPS = 64;

    /** A piece of the disk, as planned; to be read into a segment if it has one. */
    private record Step(
            Extent extent,
            @Nullable Segment segment,
            @Nullable Future<?> ready) {}

    private final BlockDevice source;
    private final Plan plan;
    private final SegmentPool pool;
    private final ReaderCount readerCount = new ReaderCount();
    private final ThreadPoolExecutor readers;
    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    private volatile boolean closed;
    private long position;
    private @Nullable Extent rest;
    private int segments;
    private @Nullable Step current;
    private @Nullable Throwable failure;

    ReadAhead(BlockDevice source, Plan plan, SegmentPool pool, long position) {
        this.source = source;
        this.plan = plan;
        this.pool = pool;
        this.position = position;
        this.readers = (ThreadPoolExecutor) Executors.newFixedThreadPool(1, ReadAhead::thread);
        readers.setMaximumPoolSize(ReaderCount.MOST);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "platter-reader");
        thread.setDaemon(true);
        return thread;
    }

    /** Returns the next piece of the disk: a run without data, or DATA of at most a segment, which is being read. */
    public Extent next() throws IOException, InterruptedException {
        fill();
        current = steps.remove();
        return current.extent;
    }

    /**
     * Waits until the piece that {@link #next} gave is read, and returns it; the caller releases it.
     *
     * @throws IOException if it can't be read
     */
    Segment segment() throws IOException {
        Step step = current;
        if (step == null || step.segment == null || step.ready == null) {
            throw new IllegalStateException("nothing was read");
        }
        current = null;
        segments--;
        long start = System.nanoTime();
        try {
            Threads.get(step.ready);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            step.segment.release();
            throw e;
        }
        long now = System.nanoTime();
        readers.setCorePoolSize(readerCount.after(step.extent.length(), now - start, now));
        return step.segment;
    }

    /** Tells whether it was the source that threw this last, and not what became of its bytes. */
    public boolean threw(Throwable thrown) {
        return thrown.equals(failure); // The very one: exceptions are equal to nothing else.
    }

    private void fill() throws IOException, InterruptedException {
        while (position < source.size() && steps.size() < MAX_STEPS) {
            Extent next = rest == null ? plan.extentAt(position) : rest;
            rest = next;
            Extent piece = next;
            if (next.kind() == ExtentKind.DATA) {
                Segment segment = steps.isEmpty() ? pool.take() : segments < pool.ahead() ? pool.poll() : null;
                if (segment == null) {
                    return;
                }
                piece = next.clip(next.offset(), next.offset() + Segment.SIZE);
                steps.add(read(piece, segment));
            } else {
                steps.add(new Step(piece, null, null));
            }
            position = piece.end();
            rest = position < next.end() ? next.clip(position, next.end()) : null;
        }
    }

    private Step read(Extent piece, Segment segment) {
        ByteBuffer room = segment.bytes.duplicate();
        room.limit(Segment.HEADROOM + (int) piece.length()).position(Segment.HEADROOM);
        Future<?> ready;
        try {
            ready = readers.submit(() -> {
                try {
                    if (!closed) {
                        source.read(room, piece.offset());
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (RuntimeException | Error e) {
            segment.release();
            throw e;
        }
        segments++;
        return new Step(piece, segment, ready);
    }

    /** Waits for what is being read, and drops it. */
    @Override
    public void close() {
        closed = true;
        Threads.endUninterrupted(readers);
        if (current != null) {
            steps.add(current);
        }
        for (Step step : steps) {
            if (step.segment != null) {
                step.segment.release();
            }
        }
        steps.clear();
    }
}
