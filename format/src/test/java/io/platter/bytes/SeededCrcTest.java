package io.platter.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SeededCrcTest {
    private static final byte[] CHECK = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void startsAtAllOnesLikeTheKnownChecksums() {
        assertThat(~SeededCrc.crc32(-1).update(CHECK).value()).isEqualTo(0xCBF43926);
        assertThat(~SeededCrc.crc32c(-1).update(CHECK).value()).isEqualTo(0xE3069283);
    }

    @Test
    void ofNothingIsTheSeed() {
        for (int seed : new int[] {0, 1, -1, 0xF597A6CF, 0x80000000}) {
            assertThat(SeededCrc.crc32(seed).value()).isEqualTo(seed);
            assertThat(SeededCrc.crc32c(seed).value()).isEqualTo(seed);
        }
    }

    @Test
    void goesOnFromWhereAnotherStopped() {
        int start = SeededCrc.crc32c(77).updateInt(0x04030201).value();
        assertThat(SeededCrc.crc32c(start).update(CHECK).value())
                .isEqualTo(SeededCrc.crc32c(77)
                        .update(new byte[] {1, 2, 3, 4})
                        .update(ByteBuffer.wrap(CHECK))
                        .value());
    }
}
