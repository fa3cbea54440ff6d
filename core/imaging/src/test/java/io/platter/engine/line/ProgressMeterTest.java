package io.platter.engine.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.job.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** How a rate follows what a job does, and what is said before there is one. */
class ProgressMeterTest {
    private static final long MIB = 1 << 20;

    private final List<Progress> told = new ArrayList<>();
    private long now = 77;
    private final ProgressMeter meter = new ProgressMeter(
            JobControl.builder().nanoClock(() -> now).progress(told::add).build());

    private Progress at(double seconds, long done, OptionalLong total) {
        now = 77 + (long) (seconds * 1e9);
        meter.tick(() -> Counts.of(Phase.COPY, done, total, done, 0));
        return told.get(told.size() - 1);
    }

    @Test
    void theListenerIsToldAtMostEvery200MillisecondsAndAtTheEnd() {
        for (int millis = 0; millis <= 1000; millis += 10) {
            now = 77 + millis * 1_000_000L;
            meter.tick(() -> Counts.of(Phase.COPY, 1, OptionalLong.empty(), 0, 0));
        }
        assertThat(told).hasSize(5);
        meter.end(() -> Counts.of(Phase.FINISH, 2, OptionalLong.of(2), 0, 0));
        assertThat(told).hasSize(6);
        assertThat(told.get(5).phase()).isEqualTo(Phase.FINISH);
        assertThat(told.get(5).fraction()).hasValue(1);
    }

    @Test
    void nothingIsEstimatedBeforeThereAreTwoMeasurements() {
        Progress first = at(0.3, 500 * MIB, OptionalLong.of(1000 * MIB)); // found done by a resumed job
        assertThat(first.rate()).isEmpty();
        assertThat(first.remaining()).isEmpty();
        assertThat(first.fraction().getAsDouble()).isEqualTo(0.5);
        assertThat(at(1.3, 510 * MIB, OptionalLong.of(1000 * MIB)).rate()).hasValue(10 * MIB);
    }

    @Test
    void theLastSecondsCountMost() {
        for (int second = 1; second <= 60; second++) {
            at(second, Math.min(second, 40) * 10L * MIB + Math.max(0, second - 40) * MIB, OptionalLong.of(1000 * MIB));
        }
        Progress last = told.get(told.size() - 1);
        // Twenty seconds after the change, 2 % of what was before is left: e to the power of -4.
        assertThat((double) last.rate().getAsLong()).isCloseTo(1.165 * MIB, within(0.01 * MIB));
        assertThat(last.remaining().orElseThrow()).isBetween(Duration.ofSeconds(490), Duration.ofSeconds(580));
    }

    @Test
    void whatIsNotKnownIsEmptyAndNotZero() {
        at(1, 5, OptionalLong.empty());
        Progress progress = at(2, 10, OptionalLong.empty());
        assertThat(progress.total()).isEmpty();
        assertThat(progress.fraction()).isEmpty();
        assertThat(progress.remaining()).isEmpty();
        assertThat(progress.zero()).isEmpty();
        assertThat(progress.deduplicated()).isEmpty();
    }
}
