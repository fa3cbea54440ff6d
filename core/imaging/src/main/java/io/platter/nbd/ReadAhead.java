package io.platter.nbd;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has a device decode what a client will ask for next, when it reads in order: one request after the other, as a guest's
 * kernel does while it boots.
 *
 * <p>{@link #after} is called by the connection's thread only.
 */
final class ReadAhead {
    /** What one worker reads at once: about a frame. */
    private static final int STEP = 1 << 20;
    /** The distance of two touches: a cluster of most disk formats, and less than a block of an image; in bytes. */
    private static final int TOUCH = 64 << 10;

    private static final int MOST_WAITING = 3;

    private final BlockDevice device;
    private final int distance;
    private final ExecutorService workers;
    /** How many steps are under way. */
    private final AtomicInteger underWay = new AtomicInteger();

    private long expected = -1;
    private int inOrder;
    private long aheadUpTo;
    private volatile boolean ended;

    ReadAhead(NbdExport export, ExecutorService workers) {
        this.device = export.device();
        this.distance = export.readAhead();
        this.workers = workers;
    }

    /**
     * Is told what was asked for.
     *
     * @param waiting how many requests of the client are under way: one that asks for much at once needs no help
     */
    void after(Request request, int waiting) {
        inOrder = request.offset() == expected ? inOrder + 1 : 0;
        expected = request.end();
        if (inOrder == 0) {
            aheadUpTo = 0;
        }
        if (distance == 0 || inOrder < 2 || waiting > MOST_WAITING) {
            return;
        }
        long end = Math.min(device.size(), expected + distance);
        long from = Math.max(expected, aheadUpTo);
        // By whole steps, so that small requests do not bring as many small tasks.
        while (from < end && (end - from >= STEP || end == device.size()) && underWay.get() < distance / STEP + 1) {
            long start = from;
            int length = (int) Math.min(STEP, end - from);
            underWay.incrementAndGet();
            try {
                workers.execute(() -> fetch(start, length));
            } catch (RejectedExecutionException e) {
                underWay.decrementAndGet();
                return;
            }
            from += length;
            aheadUpTo = from;
        }
    }

    /** Touches a byte here and there: a device that keeps what it has decoded has the whole then. */
    private void fetch(long diskOffset, int length) {
        try {
            for (int at = 0; at < length && !ended; at += TOUCH) {
                device.read(ByteBuffer.allocate(1), diskOffset + at);
            }
        } catch (IOException | RuntimeException e) {
            // Whoever asks for these bytes is told.
        } finally {
            synchronized (underWay) {
                underWay.decrementAndGet();
                underWay.notifyAll();
            }
        }
    }

    /** Begins nothing more, and waits for what is under way: the device may be closed afterwards. */
    void end() {
        ended = true;
        boolean interrupted = false;
        synchronized (underWay) {
            while (underWay.get() > 0) {
                try {
                    underWay.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
