package io.platter.engine.write;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReaderCountTest {
    private static final long PIECE = 2 << 20;
    private static final int PIECES = 32;

    private final ReaderCount count = new ReaderCount();
    private long now;
    private int readers = count.after(PIECE, 0, 0);

    /** Reads as much of the disk as is judged together. */
    private int window(long nanosAPiece, long waitedAPiece) {
        for (int piece = 0; piece < PIECES; piece++) {
            now += nanosAPiece;
            readers = count.after(PIECE, waitedAPiece, now);
        }
        return readers;
    }

    @Test
    void oneReaderIsEnoughAsLongAsNobodyWaits() {
        for (int window = 0; window < 100; window++) {
            assertThat(window(1_000_000, 90_000)).isEqualTo(1);
        }
    }

    @Test
    void readersAreAddedAsLongAsEachMakesTheDiskFaster() {
        // A disk that answers after 8 ms, to up to four readers at once.
        for (int window = 0; window < 10; window++) {
            long nanos = 8_000_000 / Math.min(readers, 4);
            window(nanos, nanos / 2);
        }
        assertThat(readers).isEqualTo(4);
    }

    @Test
    void aReaderThatDoesNotHelpIsTakenBackAndNotTriedAgainSoon() {
        assertThat(window(8_000_000, 4_000_000)).isEqualTo(2);
        for (int window = 0; window < 17; window++) {
            assertThat(window(8_000_000, 4_000_000)).isEqualTo(1);
        }
        assertThat(window(8_000_000, 4_000_000)).isEqualTo(2);
    }

    @Test
    void thereAreNeverMoreThanTheMost() {
        for (int window = 0; window < 50; window++) {
            long nanos = 8_000_000_000L / ((long) readers * readers);
            assertThat(window(nanos, nanos)).isBetween(1, ReaderCount.MOST);
        }
        assertThat(readers).isEqualTo(ReaderCount.MOST);
    }
}
