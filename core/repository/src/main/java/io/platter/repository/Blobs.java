package io.platter.repository;

import io.platter.engine.line.Threads;
import io.platter.repository.store.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a repository asks of its store: with a few attempts each, since a request may be lost on its way.
 *
 * <p>Safe for use by several threads.
 */
final class Blobs {
    private static final int ATTEMPTS = 4;

    private final BlobStore store;
    private final long pauseMillis;

    /**
     * Takes a store.
     *
     * @param pauseMillis how long to wait before the second attempt; then twice as long each time
     */
    Blobs(BlobStore store, long pauseMillis) {
        this.store = store;
        this.pauseMillis = pauseMillis;
    }

    private <T> T send(Threads.Request<T> request) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                // The flag of an interrupted thread would close the file that is read.
                return Threads.getUninterrupted(request);
            } catch (NoSuchFileException | AccessDeniedException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
            try {
                Thread.sleep(pauseMillis << (attempt - 1));
            } catch (InterruptedException e) {
                // A request that was begun is not given up; the flag tells the job.
                Thread.currentThread().interrupt();
            }
        }
    }

    String name() {
        return store.name();
    }

    /** Returns whether the blob was written now, or an attempt before or somebody else has written one. */
    BlobStore.Put put(String key, List<ByteBuffer> bytes) throws IOException {
        return send(() -> store.put(key, bytes));
    }

    BlobStore.Put put(String key, byte[] bytes) throws IOException {
        return put(key, List.of(ByteBuffer.wrap(bytes)));
    }

    void get(String key, long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        send(() -> {
            target.position(start);
            store.get(key, offset, target);
            return key;
        });
    }

    /** Returns all bytes of a blob. */
    byte[] read(BlobStore.Blob blob) throws IOException {
        if (blob.size() > Integer.MAX_VALUE - 64) {
            throw new IOException("blob " + blob.key() + " of " + blob.size() + " bytes is too large for " + name());
        }
        byte[] bytes = new byte[(int) blob.size()];
        get(blob.key(), 0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    BlobStore.Blob stat(String key) throws IOException {
        return send(() -> store.stat(key));
    }

    /** Lists all blobs whose keys start with a prefix. */
    List<BlobStore.Blob> list(String prefix) throws IOException {
        List<BlobStore.Blob> all = new ArrayList<>();
        String after = "";
        while (true) {
            String last = after;
            List<BlobStore.Blob> page = send(() -> store.list(prefix, last));
            if (page.isEmpty()) {
                return all;
            }
            all.addAll(page);
            after = page.get(page.size() - 1).key();
        }
    }

    void delete(String key) throws IOException {
        send(() -> {
            store.delete(key);
            return key;
        });
    }

    void tidy() throws IOException {
        store.tidy();
    }

    void close() throws IOException {
        store.close();
    }
}
