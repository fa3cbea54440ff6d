package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.bytes.Guids;
import io.platter.test.Oracle;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionTypeTest {
    /** Newer than the list of Debian 12's {@code sfdisk}. */
    private static final Set<String> TOO_NEW = Set.of("CA7D7CCB-63ED-4C53-861C-1742536059CC");

    private static Set<String> typesOfSfdisk(String label, String pattern) {
        Set<String> types = new TreeSet<>();
        Matcher line = Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(Oracle.of("sfdisk").run("--label", label, "--list-types"));
        while (line.find()) {
            types.add(line.group(1).toUpperCase(Locale.ROOT));
        }
        return types;
    }

    @Test
    void everyKnownGuidIsKnownToSfdisk() {
        Set<String> theirs = typesOfSfdisk("gpt", "^ *([0-9A-Fa-f-]{36}) ");
        theirs.addAll(TOO_NEW);
        assertThat(PartitionType.keys(PartitionScheme.GPT)).allSatisfy(key -> assertThat(theirs)
                .contains(PartitionType.of(PartitionScheme.GPT, key).code()));
    }

    @Test
    void everyKnownByteIsKnownToSfdisk() {
        Set<String> theirs = typesOfSfdisk("dos", "^ *([0-9a-f]{1,2}) ");
        assertThat(PartitionType.keys(PartitionScheme.MBR)).allSatisfy(key -> assertThat(theirs)
                .contains(PartitionType.of(PartitionScheme.MBR, key).code().toUpperCase(Locale.ROOT)));
    }

    @Test
    void noTypeIsKnownTwice() {
        for (PartitionScheme scheme : new PartitionScheme[] {PartitionScheme.GPT, PartitionScheme.MBR}) {
            assertThat(PartitionType.keys(scheme)).doesNotHaveDuplicates();
            assertThat(PartitionType.keys(scheme).map(key -> PartitionType.of(scheme, key)))
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GPT, linux, 0FC63DAF-8483-4772-8E79-3D69D8477DE4, Linux filesystem",
        "GPT, c12a7328-f81f-11d2-ba4b-00a0c93ec93b, C12A7328-F81F-11D2-BA4B-00A0C93EC93B, EFI system",
        "GPT, 00000000-0000-0000-0000-000000000001, 00000000-0000-0000-0000-000000000001, ''",
        "MBR, linux, 83, Linux filesystem",
        "MBR, 0x0c, c, FAT32 (LBA)",
        "MBR, EF, ef, EFI system",
        "MBR, 99, 99, ''",
    })
    void aTypeIsFoundByNameOrNumber(PartitionScheme scheme, String text, String code, String title) {
        PartitionType type = PartitionType.of(scheme, text);
        assertThat(type.code()).isEqualTo(code);
        assertThat(type.title()).isEqualTo(title);
    }

    @ParameterizedTest
    @CsvSource({
        "GPT, 83",
        "GPT, ntfs",
        "GPT, zzzzzzzz-f81f-11d2-ba4b-00a0c93ec93b",
        "MBR, 0",
        "MBR, 100",
        "MBR, apfs",
        "MBR, -1",
        "APPLE, linux",
        "NONE, 83"
    })
    void aTypeThatTheTableCannotHoldIsRefused(PartitionScheme scheme, String text) {
        assertThatThrownBy(() -> PartitionType.of(scheme, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void guidsAreMixedEndian() {
        UUID guid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(16);
        Guids.put(bytes, 0, guid);
        assertThat(java.util.HexFormat.of().formatHex(bytes.array())).isEqualTo("33221100554477668899aabbccddeeff");
        assertThat(Guids.get(bytes, 0)).isEqualTo(guid);
    }
}
