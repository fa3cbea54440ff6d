package io.platter.engine.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockIndexTest {
    private static final long[] KEY = new Random(1).longs(8).toArray();

    @Test
    void findsWhatAMapFinds() {
        BlockIndex index = new BlockIndex(KEY);
        Map<Long, Long> model = new HashMap<>();
        Random random = new Random(2);
        byte[] hash = new byte[40];
        for (int round = 0; round < 200_000; round++) {
            long seed = random.nextInt(100_000);
            new Random(seed).nextBytes(hash);
            Long expected = model.get(seed);
            assertThat(index.find(hash, 8)).isEqualTo(expected == null ? BlockIndex.NONE : expected);
            if (expected == null) {
                long place = random.nextLong() & ((1L << 40) - 1);
                place = Math.min(place, (1L << 40) - 2);
                model.put(seed, place);
                index.add(hash, 8, place);
            }
        }
        assertThat(index.size()).isEqualTo(model.size());
    }

    @Test
    void takesAtMost24BytesABlockFromAMillionOn() {
        BlockIndex index = new BlockIndex(KEY);
        Random random = new Random(3);
        byte[] hash = new byte[32];
        for (int blocks = 1; blocks <= 2_500_000; blocks++) {
            random.nextBytes(hash);
            index.add(hash, 0, blocks);
            if (blocks >= 1_000_000 && blocks % 50_000 == 0) {
                assertThat((double) index.memory() / blocks)
                        .as("%d blocks", blocks)
                        .isLessThanOrEqualTo(24);
            }
        }
    }
}
