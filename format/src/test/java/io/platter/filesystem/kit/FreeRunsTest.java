package io.platter.filesystem.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.ExtentSet;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class FreeRunsTest {
    @Test
    void addsTheRunsOfClearBitsLowestFirst() {
        FreeRuns free = new FreeRuns();
        long clear = free.addClear(ByteBuffer.wrap(new byte[] {0b0000_1101, (byte) 0xFF, 0}), 20, 1000, 10);
        assertThat(clear).isEqualTo(1 + 4 + 4);
        assertThat(free.free())
                .isEqualTo(ExtentSet.builder()
                        .add(1010, 10)
                        .add(1040, 40)
                        .add(1160, 40)
                        .build());
        assertThat(free.used(2000)).isEqualTo(free.free().complement(0, 2000));
    }

    @Test
    void bitsBehindTheLastByteAreClear() {
        FreeRuns free = new FreeRuns();
        assertThat(free.addClear(ByteBuffer.wrap(new byte[] {0, 0}), 16, 0, 4)).isEqualTo(16);
        assertThat(free.addClear(ByteBuffer.wrap(new byte[] {-1}), 5, 0, 4)).isZero();
        assertThat(free.free()).isEqualTo(ExtentSet.of(0, 64));
    }

    @Test
    void forgetsTheShortestRunsOfTooMany() {
        FreeRuns free = new FreeRuns();
        for (long i = 0; i < 3L * FreeRuns.MAX_RUNS; i++) {
            free.add(i * 100, 1 + i % 64);
        }
        ExtentSet runs = free.free();
        assertThat(runs.count()).isBetween(3 * FreeRuns.MAX_RUNS / 64, FreeRuns.MAX_RUNS);
        for (int run = 0; run < runs.count(); run++) {
            long number = runs.offset(run) / 100;
            assertThat(runs.end(run) - runs.offset(run)).isEqualTo(1 + number % 64);
        }
    }
}
