package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** What shells complete, and the manual pages: as bash, zsh, fish and groff read them. */
@Timeout(60)
class CompletionTest {
    static final List<String> COMMANDS = Commands.NAMES;

    @TempDir
    Path directory;

    private Path script(String shell) throws IOException {
        ProgramResult result = ProgramResult.of("completion", shell);
        assertThat(result.exitCode()).isZero();
        return Files.write(directory.resolve(shell), result.output());
    }

    @ParameterizedTest
    @CsvSource({
        "platter cap, capture",
        "platter par, partition-table partitions",
        "platter help con, convert",
        "platter partition-table '', repair write",
        "platter partition-table write --ta, --table",
        "platter partition-table write --table g, gpt",
        "platter capture --all --on-error '', abort retry skip",
        "platter capture --pa, --paranoid",
        "platter restore image --for, --force",
        "platter verify --qui, --quick --quiet",
        "platter completion f, fish",
    })
    void bashCompletesWords(String line, String words) throws IOException {
        String typed = line.replace("''", "");
        String call = "source " + script("bash") + "; COMP_WORDS=(" + typed + (typed.endsWith(" ") ? "''" : "") + "); "
                + "COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _platter; printf '%s\\n' \"${COMPREPLY[@]}\" | sort | xargs";
        assertThat(Oracle.of("bash").run("-c", call).strip()).isEqualTo(words);
    }

    @Test
    void zshTakesItsScript() throws IOException {
        Path script = script("zsh");
        Oracle.of("zsh").run("-n", script);
        assertThat(script).content().contains("'--level=[zstd level, 1 to 19; default 1]:N: '");
    }

    @ParameterizedTest
    @CsvSource({
        "platter cap, capture",
        "platter partition-table w, write",
        "platter capture --on-error sk, skip",
        "platter restore --comp, --compare",
    })
    void fishCompletesWords(String line, String word) throws IOException {
        Path script = script("fish");
        String found = Oracle.of("fish").run("--no-config", "-c", "source " + script + "; complete -C '" + line + "'");
        assertThat(found.lines().map(each -> each.split("\t", -1)[0])).contains(word);
    }

    @ParameterizedTest
    @FieldSource("COMMANDS")
    void aManualPageIsGoodRoff(String command) throws IOException {
        Object[] words = ("help --man " + command).split(" ", -1);
        Path page =
                Files.write(directory.resolve("page.1"), ProgramResult.of(words).output());
        assertThat(Oracle.of("groff").run("-man", "-ww", "-Tascii", "-P-cbou", page))
                .contains("EXIT STATUS", Commands.named(command).synopsis().split(" \\[", -1)[0])
                .doesNotContain("warning");
    }

    @Test
    void theProgramsManualPageHasEachCommand() throws IOException {
        Path page = Files.write(
                directory.resolve("page.1"), ProgramResult.of("help", "--man").output());
        String shown = Oracle.of("groff").run("-man", "-ww", "-Tascii", "-P-cbou", page);
        assertThat(shown)
                .contains(COMMANDS)
                .contains("--on-error retry|skip|abort")
                .doesNotContain("warning");
    }
}
