package io.platter.virtualdisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualDiskOptionsTest {
    @Test
    void aBuilderFromOptionsKeepsThemAll() {
        VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    throw new IllegalStateException();
                })
                .parentFormats(List.of(raw))
                .snapshot("s")
                .subformat("fixed")
                .compression(Compression.ZSTD)
                .compressionLevel(7)
                .blockSize(4096)
                .logicalSectorSize(4096)
                .id(new UUID(1, 2))
                .build();
        assertThat(options.toBuilder().build()).usingRecursiveComparison().isEqualTo(options);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 256, 1000, 1 << 29})
    void aBlockSizeOutOfRangeIsRefused(int size) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> VirtualDiskOptions.builder().blockSize(size))
                .withMessageContaining(Integer.toString(size));
    }

    @Test
    void levelsAndSectorsOutOfRangeAreRefused() {
        VirtualDiskOptions.Builder builder = VirtualDiskOptions.builder();
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> builder.compressionLevel(23));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> builder.compressionLevel(-1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> builder.logicalSectorSize(520));
    }
}
