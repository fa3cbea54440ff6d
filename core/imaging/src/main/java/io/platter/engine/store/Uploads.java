package io.platter.engine.store;

import io.platter.engine.line.Threads;
import io.platter.image.FileId;
import io.platter.job.JobControl;
import io.platter.pack.PackStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Gives finished packs to a store while the next ones are filled.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Uploads implements AutoCloseable {
    /** How many packs are on their way at a time. */
    private static final int AT_ONCE = 2;

    /** A pack of frames and one of pages are being filled meanwhile. */
    private static final int BUFFERS = AT_ONCE + 2;

    private final PackStore store;
    private final ExecutorService threads;
    private final ArrayDeque<MemoryFile> free = new ArrayDeque<>();
    private final ArrayDeque<Upload> running = new ArrayDeque<>();

    private record Upload(Future<?> task, MemoryFile buffer) {}

    Uploads(PackStore store, JobControl control) {
        this.store = store;
        this.threads = Executors.newFixedThreadPool(AT_ONCE, task -> control.newThread("platter-store", task));
        for (int i = 0; i < BUFFERS; i++) {
            free.add(new MemoryFile(store.name()));
        }
    }

    /** Returns how many bytes of direct memory packs take, unless their blocks are tiny. */
    static long memory(PackStore store) {
        return (long) BUFFERS * (store.packSize() + (2 << 20));
    }

    /** Returns an empty buffer, when there is one. */
    MemoryFile take() throws IOException {
        if (free.isEmpty()) {
            awaitOldest();
        }
        return free.remove();
    }

    /** Sends a pack on its way. */
    void start(FileId id, MemoryFile pack) {
        Future<?> task = threads.submit(() -> {
            try {
                store.put(id, pack.bytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        running.add(new Upload(task, pack));
    }

    /** Waits until all packs are kept. */
    void await() throws IOException {
        while (!running.isEmpty()) {
            awaitOldest();
        }
    }

    private void awaitOldest() throws IOException {
        Upload oldest = running.remove();
        Threads.get(oldest.task);
        oldest.buffer.clear();
        free.add(oldest.buffer);
    }

    /** Waits until nothing is on its way any more, whatever becomes of it. */
    @Override
    public void close() {
        Threads.endUninterrupted(threads);
    }
}
