package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes as people write and read them; the expected ones are of {@code numfmt --from=auto} and {@code --to=iec-i}. */
class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "-1, -1",
        "0x200, 512",
        "0X1fff, 8191",
        "1K, 1024",
        "1k, 1024",
        "64M, 67108864",
        "1MiB, 1048576",
        "1MB, 1000000",
        "1.5G, 1610612736",
        "1.5 GiB, 1610612736",
        "2T, 2199023255552",
        "7E, 8070450532247928832",
        "9223372036854775807, 9223372036854775807",
    })
    void aSizeIsRead(String text, long bytes) {
        assertThat(Sizes.parse(text)).contains(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "M",
                "1.5",
                "1.0001K",
                "1e3",
                "8E",
                "0x",
                "0x-1",
                "0xffffffffffffffff",
                "1KK",
                "1i",
                "-1K",
                "1,5M"
            })
    void whatIsNoSizeIsRefused(String text) {
        assertThat(Sizes.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 bytes",
        "1, 1 byte",
        "1023, 1023 bytes",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1610612736, 1.5 GiB",
        "1048575, 1.0 MiB",
        "1047552, 1023.0 KiB",
        "3145728, 3.0 MiB",
        "9223372036854775807, 8.0 EiB",
    })
    void aSizeIsWritten(long bytes, String text) {
        assertThat(Sizes.human(bytes)).isEqualTo(text);
    }

    @Test
    void theExactNumberStandsBesidesWhereTheUnitHidesIt() {
        assertThat(Sizes.exact(512)).isEqualTo("512 bytes");
        assertThat(Sizes.exact(1610612736)).isEqualTo("1.5 GiB (1610612736 bytes)");
    }
}
