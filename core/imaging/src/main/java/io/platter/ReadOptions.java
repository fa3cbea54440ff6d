package io.platter;

/**
 * How the images of a file are read.
 *
 * <p>Immutable.
 */
public final class ReadOptions {
    private static final long DEFAULT_CACHE = 32 << 20;

    private static final ReadOptions DEFAULTS = new ReadOptions(DEFAULT_CACHE);

    private final long cacheSize;

    private ReadOptions(long cacheSize) {
        this.cacheSize = cacheSize;
    }

    /** Returns the options that are right as a rule: 32 MiB of what was decoded is kept. */
    public static ReadOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Returns these options with another budget for what was decoded and is kept for the next who reads it.
     *
     * @param bytes 0 or more; one frame, of up to 4 MiB, is kept in any case, and up to 8 MiB of index pages besides
     * @throws IllegalArgumentException if it is less
     */
    public ReadOptions cacheSize(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("cache of " + bytes + " bytes, expected 0 or more");
        }
        return new ReadOptions(bytes);
    }

    /** Returns how many bytes of decoded frames are kept. */
    public long cacheSize() {
        return cacheSize;
    }

    @Override
    public String toString() {
        return cacheSize == DEFAULT_CACHE ? "ReadOptions[]" : "ReadOptions[cacheSize=" + cacheSize + "]";
    }
}
