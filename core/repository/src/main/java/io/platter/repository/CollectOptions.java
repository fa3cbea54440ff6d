package io.platter.repository;

import java.time.Duration;

/**
 * How a collection is done. No option makes it unsafe.
 *
 * <p>Immutable.
 */
public final class CollectOptions {
    private static final CollectOptions DEFAULTS = new CollectOptions(0.6, Duration.ofHours(24), Duration.ofDays(7));

    private final double keepFrom;
    private final Duration grace;
    private final Duration silence;

    private CollectOptions(double keepFrom, Duration grace, Duration silence) {
        this.keepFrom = keepFrom;
        this.grace = grace;
        this.silence = silence;
    }

    /** Returns the defaults: packs are kept of which 60 % are needed, a day before deletion, a week of silence. */
    public static CollectOptions defaults() {
        return DEFAULTS;
    }

    /** Returns these options with packs kept as they are of which so much is needed, 0 to 1; 0 moves nothing. */
    public CollectOptions keepFrom(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + ", expected 0 to 1");
        }
        return new CollectOptions(share, grace, silence);
    }

    /**
     * Returns these options with another time between the giving up of a pack and its deletion, by the store's clock. Readers of
     * images that are forgotten meanwhile have so long to finish; others find what was moved.
     */
    public CollectOptions grace(Duration time) {
        return new CollectOptions(keepFrom, notNegative(time), silence);
    }

    /**
     * Returns these options with another time after which a capture or collection is given up that has not ended, by the store's
     * clock. One that is given up too early fails, and loses nothing but its own work.
     */
    public CollectOptions silence(Duration time) {
        return new CollectOptions(keepFrom, grace, notNegative(time));
    }

    private static Duration notNegative(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time " + time + ", expected 0 or more");
        }
        return time;
    }

    /** Returns of how much of a pack must be needed for it to be kept as it is. */
    public double keepFrom() {
        return keepFrom;
    }

    /** Returns how long a pack stays after it was given up. */
    public Duration grace() {
        return grace;
    }

    /** Returns after what time a session is given up that has not ended. */
    public Duration silence() {
        return silence;
    }

    @Override
    public String toString() {
        return "CollectOptions[keepFrom=" + keepFrom + ", grace=" + grace + ", silence=" + silence + "]";
    }
}
