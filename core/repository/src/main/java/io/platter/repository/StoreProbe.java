package io.platter.repository;

import io.platter.repository.store.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Finds out whether a store does what everything rests on: of several that write one key at once, one succeeds and the others hear of it. */
final class StoreProbe {
    private static final int WRITERS = 4;

    private final BlobStore store;
    private final String key;

    private StoreProbe(BlobStore store, String key) {
        this.store = store;
        this.key = key;
    }

    /**
     * Tries it.
     *
     * @param session a random name
     * @throws IOException if the store does not, or can't be written
     */
    static void run(BlobStore store, String session) throws IOException {
        StoreProbe probe = new StoreProbe(store, "probe/" + session);
        try {
            probe.race();
        } catch (IOException e) {
            try {
                store.delete(probe.key);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
        store.delete(probe.key);
    }

    private static byte[] content(int writer) {
        return ("writer " + writer).getBytes(StandardCharsets.US_ASCII);
    }

    private void race() throws IOException {
        List<Integer> winners = new ArrayList<>();
        List<BlobStore.Put> outcomes = atOnce();
        for (int writer = 0; writer < WRITERS; writer++) {
            if (outcomes.get(writer) == BlobStore.Put.CREATED) {
                winners.add(writer);
            }
        }
        if (winners.size() != 1) {
            throw refused(winners.size() + " of " + WRITERS
                    + " writers that wrote one key at once were told that they had, expected 1");
        }
        byte[] expected = content(winners.get(0));
        byte[] found = new byte[expected.length];
        store.get(key, 0, ByteBuffer.wrap(found));
        if (!java.util.Arrays.equals(found, expected)) {
            throw refused(
                    "of several that wrote one key at once, another one's bytes are there than its who was told so");
        }
        if (store.list(key, "").isEmpty()) {
            throw refused("what was just written is not listed");
        }
    }

    private IOException refused(String reason) {
        return new IOException(store.name()
                + " can't hold a repository, since programs would destroy each other's images there: " + reason);
    }

    private List<BlobStore.Put> atOnce() throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try {
            CyclicBarrier start = new CyclicBarrier(WRITERS);
            List<Callable<BlobStore.Put>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                byte[] content = content(writer);
                writers.add(() -> {
                    start.await();
                    return store.put(key, List.of(ByteBuffer.wrap(content)));
                });
            }
            List<BlobStore.Put> outcomes = new ArrayList<>();
            for (Future<BlobStore.Put> outcome : threads.invokeAll(writers)) {
                outcomes.add(outcome.get());
            }
            return outcomes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + store.name() + " was tried", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(store.name() + " can't be written: " + e.getCause(), e);
        } finally {
            threads.shutdown();
        }
    }
}
