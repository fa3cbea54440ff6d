package io.platter.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Captures, collections and readers at once, in many schedules, with requests that are lost, late or repeated, and programs that are killed. */
class SimulationTest {
    /** How many schedules; -Dtest.schedules=10000 for what docs/reliability.md tells of. */
    private static final int SCHEDULES = Integer.getInteger("test.schedules", 200);

    private static final long FIRST = Long.getLong("test.seed", 1);

    @Test
    void nothingThatWasReportedIsEverLost() throws Exception {
        long calls = 0;
        for (long seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
            Simulation simulation = new Simulation(seed, seed % 2 == 0 ? 0.05 : 0, SimulatedStore.Mutant.NONE);
            simulation.run();
            calls += simulation.calls();
        }
        assertThat(calls).isGreaterThan(100L * SCHEDULES);
    }

    @ParameterizedTest
    @EnumSource(value = SimulatedStore.Mutant.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void whatWouldLoseImagesIsNoticed(SimulatedStore.Mutant mutant) {
        assertThat(LongStream.range(1, 2000).anyMatch(seed -> fails(seed, mutant)))
                .as(mutant.toString())
                .isTrue();
    }

    private static boolean fails(long seed, SimulatedStore.Mutant mutant) {
        try {
            new Simulation(seed, 0, mutant).run();
            return false;
        } catch (AssertionError e) {
            return true;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
