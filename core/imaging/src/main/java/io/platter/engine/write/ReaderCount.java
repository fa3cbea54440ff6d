package io.platter.engine.write;

/**
 * Decides how many pieces of a disk are read at the same time, by trying. As long as nobody waits for the disk, one is
 * right: more would only make a rotating disk seek. Where more than a tenth of the time goes by in waiting, one reader
 * more is tried, and stays if the disk then comes at least a tenth faster; else there is one reader less, and no new
 * attempt for a while.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ReaderCount {
    /** The most readers; what more could help is a network's latency, which is not what disks have. */
    static final int MOST = 8;

    /** Over how much of the disk the times are taken, in bytes. */
    private static final long WINDOW = 64 << 20;

    /** How many windows go by after an attempt that did not help. */
    private static final int PATIENCE = 16;

    private int count = 1;
    private long windowStart = -1;
    private long bytes;
    private long waited;
    /** Bytes a second before the attempt that is on; 0 if none is. */
    private double speedBefore;

    private int windowsToWait;

    /**
     * Notes that a piece was read.
     *
     * @param length its length in bytes
     * @param nanosWaited how long it was waited for
     * @param now the time in nanoseconds
     * @return how many readers there are from now on
     */
    int after(long length, long nanosWaited, long now) {
        if (windowStart < 0) {
            windowStart = now;
            return count;
        }
        bytes += length;
        waited += nanosWaited;
        if (bytes >= WINDOW) {
            decide(Math.max(1, now - windowStart));
            windowStart = now;
            bytes = 0;
            waited = 0;
        }
        return count;
    }

    private void decide(long nanos) {
        double speed = (double) bytes / nanos;
        if (speedBefore > 0 && speed < 1.1 * speedBefore) {
            count--;
            speedBefore = 0;
            windowsToWait = PATIENCE;
        } else if (windowsToWait > 0) {
            windowsToWait--;
        } else if (waited > nanos / 10 && count < MOST) {
            count++;
            speedBefore = speed;
        } else {
            speedBefore = 0;
        }
    }
}
