package io.platter.virtualdisk.spi;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/**
 * Keeps what is costly to make for the next thread that needs one; a few at most, however many threads there are.
 *
 * <p>Safe for use by several threads.
 */
public final class Pool<T extends Closeable> implements Closeable {
    private static final int CAPACITY = 8;

    private final Supplier<T> maker;
    private final ArrayDeque<T> idle = new ArrayDeque<>();
    private boolean closed;

    /** Creates an empty pool. */
    public Pool(Supplier<T> maker) {
        this.maker = maker;
    }

    /** Returns one that nobody else has until {@link #giveBack}. */
    public T take() {
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.removeLast();
            }
        }
        return maker.get();
    }

    /** Takes one back, and closes it if there are enough or the pool is closed. */
    public void giveBack(T one) throws IOException {
        synchronized (idle) {
            if (!closed && idle.size() < CAPACITY) {
                idle.add(one);
                return;
            }
        }
        one.close();
    }

    /** Closes what is not in use; what is will be closed when it is given back. */
    @Override
    public void close() throws IOException {
        List<T> left;
        synchronized (idle) {
            closed = true;
            left = List.copyOf(idle);
            idle.clear();
        }
        MappedDisk.closeAll(left);
    }
}
