package io.platter.repository.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.repository.store.BlobStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every store of blobs does. Needs JUnit Jupiter and AssertJ.
 *
 * <pre>{@code
 * class MyStoreTest implements BlobStoreContract {
 *     public BlobStore open(boolean again) { ... }
 * }
 * }</pre>
 */
public interface BlobStoreContract {
    /**
     * Opens a store.
     *
     * @param again whether it is the one that was opened last, or one without a blob
     */
    BlobStore open(boolean again) throws IOException;

    private static List<ByteBuffer> bytes(String text) {
        ByteBuffer all = ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        int half = all.remaining() / 2;
        return List.of(all.slice(0, half), all.slice(half, all.remaining() - half));
    }

    private static String read(BlobStore store, String key) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) store.stat(key).size());
        store.get(key, 0, all);
        return new String(all.array(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static List<String> keys(BlobStore store, String prefix) throws IOException {
        List<String> keys = new ArrayList<>();
        List<BlobStore.Blob> page = store.list(prefix, "");
        while (!page.isEmpty()) {
            page.forEach(blob -> keys.add(blob.key()));
            page = store.list(prefix, keys.get(keys.size() - 1));
        }
        return keys;
    }

    /** A blob is read by whoever opens the store. */
    @Test
    default void whatIsPutIsThereForOthers() throws IOException {
        List<ByteBuffer> bytes = bytes("hello, blobs");
        try (BlobStore store = open(false)) {
            assertThat(store.put("a/b-1", bytes)).isEqualTo(BlobStore.Put.CREATED);
            assertThat(bytes)
                    .allSatisfy(piece -> assertThat(piece.hasRemaining()).isTrue());
            try (BlobStore other = open(true)) {
                assertThat(read(other, "a/b-1")).isEqualTo("hello, blobs");
                assertThat(other.stat("a/b-1").size()).isEqualTo(12);
                assertThat(Math.abs(other.stat("a/b-1").modifiedMillis() - System.currentTimeMillis()))
                        .isLessThan(3_600_000);
            }
        }
    }

    /** A second blob of a key is refused, and changes nothing. */
    @Test
    default void aKeyIsWrittenOnce() throws IOException {
        try (BlobStore store = open(false)) {
            store.put("a/b", bytes("first"));
            assertThat(store.put("a/b", bytes("second"))).isEqualTo(BlobStore.Put.EXISTS);
            assertThat(read(store, "a/b")).isEqualTo("first");
        }
    }

    /** Of eight that write one key at once, one is told that it did, and its bytes stay. */
    @Test
    default void ofSeveralThatTryAtOnceOneSucceeds() throws Exception {
        int writers = 8;
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try (BlobStore store = open(false)) {
            for (int round = 0; round < 20; round++) {
                String key = "race/" + round;
                CyclicBarrier start = new CyclicBarrier(writers);
                List<Future<BlobStore.Put>> tries = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    String text = "writer " + writer + " ".repeat(round * 1000);
                    tries.add(threads.submit(() -> {
                        start.await();
                        return store.put(key, bytes(text));
                    }));
                }
                int winner = -1;
                for (int writer = 0; writer < writers; writer++) {
                    if (tries.get(writer).get() == BlobStore.Put.CREATED) {
                        assertThat(winner).isEqualTo(-1);
                        winner = writer;
                    }
                }
                assertThat(read(store, key)).startsWith("writer " + winner + " ".repeat(round * 1000));
            }
        } finally {
            threads.shutdown();
        }
    }

    /** Any range is read, and none past the end. */
    @Test
    default void rangesAreRead() throws IOException {
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        try (BlobStore store = open(false)) {
            store.put("a", List.of(ByteBuffer.wrap(content, 0, 100), ByteBuffer.wrap(content, 100, 299_900)));
            ByteBuffer part = ByteBuffer.allocateDirect(1000);
            part.position(10).limit(910);
            store.get("a", 123_456, part);
            assertThat(part.position()).isEqualTo(910);
            for (int i = 0; i < 900; i++) {
                assertThat(part.get(10 + i)).isEqualTo(content[123_456 + i]);
            }
            ByteBuffer last = ByteBuffer.allocate(1);
            store.get("a", 299_999, last);
            assertThat(last.get(0)).isEqualTo(content[299_999]);
            store.get("a", 300_000, ByteBuffer.allocate(0));
            assertThatThrownBy(() -> store.get("a", 299_999, ByteBuffer.allocate(2)))
                    .isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> store.get("a", 400_000, ByteBuffer.allocate(1)))
                    .isInstanceOf(EOFException.class);
        }
    }

    /** A key without a blob is an error that names it, but for a deletion. */
    @Test
    default void whatIsNotThereIsNamed() throws IOException {
        try (BlobStore store = open(false)) {
            assertThatThrownBy(() -> store.get("a/b", 0, ByteBuffer.allocate(1)))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("a/b");
            assertThatThrownBy(() -> store.stat("a/b"))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("a/b");
            store.delete("a/b");
            assertThat(store.list("", "")).isEmpty();
            assertThat(store.list("a/", "")).isEmpty();
        }
    }

    /** Lists are in the order of the keys' characters, by prefix, from any key on. */
    @Test
    default void keysAreListedInTheirOrder() throws IOException {
        try (BlobStore store = open(false)) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                keys.add("p/" + (char) ('a' + i) + "/x" + i);
                keys.add("p/" + (char) ('a' + i) + "-" + i);
                keys.add("p/" + (char) ('a' + i) + ".begin");
            }
            keys.add("q/1");
            for (String key : keys) {
                store.put(key, bytes(key));
            }
            keys.sort(null);
            assertThat(keys(store, "")).isEqualTo(keys);
            assertThat(keys(store, "p/"))
                    .isEqualTo(keys.stream().filter(key -> key.startsWith("p/")).toList());
            assertThat(keys(store, "p/c"))
                    .isEqualTo(
                            keys.stream().filter(key -> key.startsWith("p/c")).toList());
            assertThat(store.list("p/", "p/k/x10").get(0).key()).isEqualTo("p/l-11");
            assertThat(store.list("p/", "p/k/x10").get(0).size()).isEqualTo(6);
        }
    }

    /** A deleted blob is gone, and may be deleted again. */
    @Test
    default void aKeyCanBeDeletedAndIsGone() throws IOException {
        try (BlobStore store = open(false)) {
            store.put("a/b", bytes("text"));
            store.delete("a/b");
            store.delete("a/b");
            assertThat(store.list("a/", "")).isEmpty();
            assertThatThrownBy(() -> store.stat("a/b")).isInstanceOf(NoSuchFileException.class);
        }
    }
}
