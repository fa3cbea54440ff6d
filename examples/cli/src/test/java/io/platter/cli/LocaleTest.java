package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.testkit.DiskModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Names and texts that are not ASCII, as a timer's job under {@code LC_ALL=C} and as a desktop has them. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class LocaleTest {
    private static final byte[] DISK = DiskModel.random(5, 200_000, 100_000).bytes();

    @TempDir
    Path directory;

    @BeforeEach
    void writeDisk() throws IOException {
        Files.write(directory.resolve("disk.img"), DISK);
    }

    private ProgramProcess run(String locale, String script) throws IOException {
        return ProgramProcess.ofScript(directory, locale, script);
    }

    @Test
    void whatIsTypedUnderTheLocaleCIsStoredAndShownExactly() throws IOException {
        ProgramProcess result = run(
                "C",
                "platter capture -q --property 'name=Zürich €' disk.img a.platter && platter info --json a.platter");
        assertThat(result.errors()).isEmpty();
        assertThat(result.text()).contains("\"name\":\"Zürich €\"");
        assertThat(run("C", "platter info a.platter").text()).contains("name = Z\\u{00fc}rich \\u{20ac}\n");
        assertThat(run("C.UTF-8", "platter info a.platter").text()).contains("name = Zürich €\n");
    }

    @Test
    void jsonIsTheSameInAllLocales() throws IOException {
        run("C.UTF-8", "platter capture -q --property 'name=Zürich €' disk.img a.platter");
        assertThat(run("C", "platter info --json a.platter").output())
                .isEqualTo(run("C.UTF-8", "platter info --json a.platter").output());
    }

    @Test
    void aFileIsReadWhateverItsNameAndTheLocale() throws IOException {
        for (String locale : new String[] {"C", "C.UTF-8"}) {
            for (String name : new String[] {"Z$'\\303\\274'rich.img", "bad$'\\377'name"}) {
                ProgramProcess result = run(
                        locale,
                        "cp disk.img " + name + " && platter capture -q " + name
                                + " x.platter && platter restore x.platter - && " + "rm " + name + " x.platter");
                assertThat(result.exitCode()).as(locale + result.errors()).isZero();
                assertThat(result.output()).isEqualTo(DISK);
                result = run(
                        locale,
                        "mkdir d" + name + "; cp disk.img d" + name + "/x; cd d" + name
                                + "; platter capture -q x x.platter && platter read x.platter 0 200000");
                assertThat(result.output()).as(locale + result.errors()).isEqualTo(DISK);
                run(locale, "rm -r d" + name);
            }
        }
    }

    @Test
    void aFileThatCouldNotGetItsNameIsNotMadeUnderAnother() throws IOException {
        String[][] cases = {{"C", "Z$'\\303\\274'rich"}, {"C", "bad$'\\377'name"}, {"C.UTF-8", "bad$'\\377'name"}};
        run("C", "platter capture -q disk.img a.platter");
        for (String[] each : cases) {
            for (String call : new String[] {"capture disk.img", "restore a.platter", "convert --to raw a.platter"}) {
                ProgramProcess result = run(
                        each[0],
                        "touch before after; ls >before; platter " + call + " " + each[1] + "; code=$?; ls >after; "
                                + "cmp before after && exit $code");
                assertThat(result.errors()).contains("no text in the locale's character set, ");
                assertThat(result.exitCode()).isEqualTo(2);
            }
        }
        assertThat(run("C.UTF-8", "platter capture -q disk.img Zürich && platter restore -q Zürich Genève")
                        .exitCode())
                .isZero();
        assertThat(directory.resolve("Genève")).hasBinaryContent(DISK);
    }

    @Test
    void aTextThatIsNoneIsRefused() throws IOException {
        ProgramProcess result = run("C.UTF-8", "platter capture --property a=b$'\\376'd disk.img a.platter");
        assertThat(result.errors()).startsWith("platter: --property a=b\\xfed is no text");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(directory.resolve("a.platter")).doesNotExist();
    }

    @Test
    void theWordsAreThoseAtTheEndOfTheCommandLine() {
        byte[] line =
                "java\0-jar\0x\377.jar\0--property\0a=\303\274\377\200\0disk\0".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(RawArguments.of(line, "--property", "a=\ufffd\ufffd\ufffd", "disk"))
                .containsExactly("--property", "a=\u00fc\udcff\udc80", "disk");
        byte[] other = "java\0x\0".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(RawArguments.of(other, "a", "b", "\ufffd")).containsExactly("a", "b", "\ufffd");
    }
}
