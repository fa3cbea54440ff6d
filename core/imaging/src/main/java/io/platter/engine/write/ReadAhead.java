package io.platter.engine.write;

import io.platter.block.BlockDevice;
import io.platter.engine.line.Threads;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.job.JobControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.LongSupplier;
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
        ImageExtent extentAt(long diskOffset) throws IOException;
    }

    /** Runs without data are no burden, but there is no use in knowing many of them. */
    private static final int MAX_PIECES = 64;

    /**
     * A piece of the disk, as planned: a run without data, or DATA that is being read.
     *
     * <p>Not thread-safe: the thread that took it only.
     */
    public final class Piece {
        private final ImageExtent extent;
        private final @Nullable Segment segment;
        private final @Nullable Future<?> ready;

        private Piece(ImageExtent extent, @Nullable Segment segment, @Nullable Future<?> ready) {
            this.extent = extent;
            this.segment = segment;
            this.ready = ready;
        }

        /** Returns where it stands and of which kind it is; DATA has at most the length of a segment. */
        public ImageExtent extent() {
            return extent;
        }

        /**
         * Waits until the piece is read, and returns it; the caller releases it.
         *
         * @throws IOException if it can't be read
         * @throws IllegalStateException if the piece has no data, or was taken before
         */
        Segment segment() throws IOException {
            if (segment == null || ready == null || current != this) {
                throw new IllegalStateException(extent + " is not being read");
            }
            current = null;
            segments--;
            long start = nanoClock.getAsLong();
            try {
                Threads.get(ready);
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                segment.release();
                throw e;
            }
            long now = nanoClock.getAsLong();
            readers.setCorePoolSize(readerCount.after(extent.length(), now - start, now));
            return segment;
        }
    }

    private final LongSupplier nanoClock;
    private final BlockDevice source;
    private final Plan plan;
    private final SegmentPool pool;
    private final ReaderCount readerCount = new ReaderCount();
    private final ThreadPoolExecutor readers;
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
    private volatile boolean closed;
    private final long end;
    private long position;
    private @Nullable ImageExtent rest;
    private int segments;
    /** The piece that was given out and may still be taken. */
    private @Nullable Piece current;

    private @Nullable Throwable failure;

    ReadAhead(JobControl control, BlockDevice source, Plan plan, SegmentPool pool, long position, long end) {
        this.nanoClock = control.nanoClock();
        this.source = source;
        this.plan = plan;
        this.pool = pool;
        this.position = position;
        this.end = end;
        this.readers =
                (ThreadPoolExecutor) Executors.newFixedThreadPool(1, task -> control.newThread("platter-reader", task));
        readers.setMaximumPoolSize(ReaderCount.MOST);
    }

    /** Returns the next piece of the disk; the one before was taken by then, if it has data. */
    public Piece next() throws IOException, InterruptedException {
        if (current != null && current.segment != null) {
            throw new IllegalStateException(current.extent + " was not taken");
        }
        fill();
        Piece next = pieces.remove();
        current = next;
        return next;
    }

    /** Tells whether it was the source that threw this last, and not what became of its bytes. */
    public boolean threw(Throwable thrown) {
        return thrown.equals(failure); // The very one: exceptions are equal to nothing else.
    }

    private void fill() throws IOException, InterruptedException {
        while (position < end && pieces.size() < MAX_PIECES) {
            ImageExtent next = rest == null ? plan.extentAt(position).clip(position, end) : rest;
            rest = next;
            ImageExtent piece = next;
            if (next.kind() == ImageExtentKind.DATA) {
                Segment segment = pieces.isEmpty() ? pool.take() : segments < pool.ahead() ? pool.poll() : null;
                if (segment == null) {
                    return;
                }
                piece = next.clip(next.offset(), next.offset() + Segment.SIZE);
                pieces.add(read(piece, segment));
            } else {
                pieces.add(new Piece(piece, null, null));
            }
            position = piece.end();
            rest = position < next.end() ? next.clip(position, next.end()) : null;
        }
    }

    private Piece read(ImageExtent piece, Segment segment) {
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
        return new Piece(piece, segment, ready);
    }

    /** Waits for what is being read, and drops it. */
    @Override
    public void close() {
        closed = true;
        Threads.endUninterrupted(readers);
        drop(current);
        current = null;
        pieces.forEach(ReadAhead::drop);
        pieces.clear();
    }

    private static void drop(@Nullable Piece piece) {
        if (piece != null && piece.segment != null) {
            piece.segment.release();
        }
    }
}
