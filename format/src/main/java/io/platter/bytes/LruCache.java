package io.platter.bytes;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps the values that were used last. Two threads that miss the same key at once both load it.
 *
 * <p>Safe for use by several threads.
 */
public final class LruCache<V> {
    /** Makes the value of a key. */
    @FunctionalInterface
    public interface Loader<V> {
        V load(long key) throws IOException;
    }

    private final Loader<V> loader;
    private final Map<Long, V> values;

    public LruCache(int capacity, Loader<V> loader) {
        this.loader = loader;
        this.values = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
                return size() > capacity;
            }
        };
    }

    public V get(long key) throws IOException {
        synchronized (values) {
            V value = values.get(key);
            if (value != null) {
                return value;
            }
        }
        V loaded = loader.load(key);
        synchronized (values) {
            values.put(key, loaded);
        }
        return loaded;
    }
}
