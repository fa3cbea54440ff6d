package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.job.Phase;
import io.platter.job.Progress;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the line of progress says, and when it says nothing. */
class ProgressLineTest {
    private static final long MIB = 1 << 20;

    private record Told(Phase phase, long done, OptionalLong total, Duration elapsed) implements Progress {
        @Override
        public long read() {
            return 0;
        }

        @Override
        public long written() {
            return 0;
        }

        @Override
        public OptionalLong deduplicated() {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong zero() {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong unused() {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong unreadable() {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong rate() {
            return OptionalLong.empty();
        }
    }

    private final ProgressLine line = new ProgressLine();

    private String at(Phase phase, double seconds, long done, long total) {
        OptionalLong known = total < 0 ? OptionalLong.empty() : OptionalLong.of(total);
        line.add(new Told(phase, done, known, Duration.ofMillis((long) (seconds * 1000))));
        return line.text("capture");
    }

    @Test
    void nothingIsEstimatedBeforeThereAreSomeSeconds() {
        assertThat(at(Phase.COPY, 0.4, MIB / 8, 200 * MIB))
                .isEqualTo("capture   0 % [" + " ".repeat(10) + "] 128.0 KiB of 200.0 MiB");
        assertThat(at(Phase.COPY, 3, 20 * MIB, 200 * MIB)).endsWith("20.0 MiB of 200.0 MiB");
        assertThat(line.remaining()).isEmpty();
        assertThat(at(Phase.COPY, 4.4, 40 * MIB + MIB / 8, 200 * MIB))
                .isEqualTo("capture  20 % [==" + " ".repeat(8) + "] 40.1 MiB of 200.0 MiB, 10.0 MiB/s, 0:00:15 left");
    }

    @Test
    void theRateIsThatOfTheLastSeconds() {
        for (int second = 0; second <= 60; second++) {
            at(Phase.COPY, second, Math.min(second, 40) * 10L * MIB + Math.max(0, second - 40) * MIB, 1000 * MIB);
        }
        assertThat(line.rate()).hasValue(MIB);
        assertThat(line.remaining()).contains(Duration.ofSeconds(580));
    }

    @Test
    void anotherPhaseIsEstimatedAnew() {
        at(Phase.COPY, 0, 0, 100 * MIB);
        at(Phase.COPY, 10, 100 * MIB, 100 * MIB);
        assertThat(line.rate()).isPresent();
        at(Phase.VERIFY, 10.2, 0, 100 * MIB);
        assertThat(line.rate()).isEmpty();
    }

    @Test
    void aTotalThatIsNotKnownIsLeftOut() {
        assertThat(at(Phase.COPY, 1, 3 * MIB, -1)).isEqualTo("capture 3.0 MiB");
    }

    @Test
    void moreThanAllIsAll() {
        assertThat(at(Phase.VERIFY, 1, 300 * MIB, 100 * MIB)).startsWith("capture 100 % [==========]");
    }
}
