package io.platter.filesystem.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a {",
                "a = [",
                "a = [1",
                "a = \"",
                "a = \"\\",
                "}",
                "a",
                "a =",
                "= 1",
                "a = 1 a = 2",
                "a = 1.5",
                "a { } } ",
                "a{a{a{a{a{a{a{a{a{a{}}}}}}}}}}",
                "a = [1 2]",
                "a = [b]",
                "a = 99999999999999999999"
            })
    void badTextIsRefused(String text) {
        assertThatThrownBy(() -> MetadataText.parse(text, "test", 0)).isInstanceOf(CorruptImageException.class);
    }

    @Test
    void textIsParsed() throws IOException {
        Section section = MetadataText.parse(
                "# comment\nvg-a.b+c_1 { # another\n n = -5 s=\"a \\\"b\\\\\" l = [ \"x\", 1,2 ]e=[] }", "test", 0);
        Section group = VolumeGroup.sectionIn(section);
        assertThat(group.names()).containsExactly("n", "s", "l", "e");
        assertThat(group.text("s")).isEqualTo("a \"b\\");
        assertThat(group.list("l").toString()).isEqualTo("[x, 1, 2]");
        assertThat(group.list("e")).isEmpty();
        assertThat(group.textsBut("n")).containsExactly("a \"b\\", "x");
    }

    @Test
    void textOfTooManyValuesIsRefused() {
        String text = "a = [" + "1,".repeat(1 << 18) + "1]";
        assertThatThrownBy(() -> MetadataText.parse(text, "test", 0)).isInstanceOf(CorruptImageException.class);
    }
}
