package io.platter.repository;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Gives sessions their times, to the microsecond: each later than all before it, however coarse the clock is.
 *
 * <p>Safe for use by several threads.
 */
final class SessionTimes {
    private final Clock clock;
    private Instant last = Instant.EPOCH;

    SessionTimes(Clock clock) {
        this.clock = clock;
    }

    synchronized Instant next() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        last = now.isAfter(last) ? now : last.plus(1, ChronoUnit.MICROS);
        return last;
    }
}
