package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees on the screen of a terminal, and what Ctrl-C does there. */
@Timeout(120)
class TerminalTest {
    private static final int DISK_SIZE = 12 << 20;

    @TempDir
    Path directory;

    private String disk = "";
    private String image = "";

    @BeforeEach
    void writeDisk() throws IOException {
        byte[] bytes = new byte[DISK_SIZE];
        new Random(17).nextBytes(bytes);
        disk = Files.write(directory.resolve("disk.img"), bytes).toString();
        image = directory.resolve("disk.platter").toString();
    }

    /** @param redraws how often a line was drawn again */
    private record Screen(int exitCode, int redraws, List<String> lines) {}

    private static Screen run(List<String> before, String... words) {
        List<Object> arguments = new ArrayList<>(List.of("src/test/resources/screen.py"));
        arguments.addAll(before);
        arguments.addAll(ProgramProcess.command(words));
        List<String> lines =
                Oracle.of("python3").run(arguments.toArray()).lines().toList();
        return new Screen(
                Integer.parseInt(lines.get(0)), Integer.parseInt(lines.get(1)), lines.subList(2, lines.size()));
    }

    @Test
    void nothingOfTheProgressIsLeftBesideTheReport() {
        Screen captured = run(List.of(), "capture", "--level", "19", "--threads", "1", disk, image);
        assertThat(captured.redraws()).isGreaterThan(2);
        assertThat(String.join("", captured.lines()))
                .matches("captured image 1, id [0-9a-f]{12}, of 12\\.0 MiB \\(12582912 bytes\\): .* s");
        for (List<String> words : List.of(
                List.of("restore", image, directory.resolve("copy.img").toString()),
                List.of("verify", image),
                List.of("verify", "--disk", disk, image),
                List.of("convert", image, directory.resolve("copy.qcow2").toString()))) {
            Screen screen = run(List.of(), words.toArray(String[]::new));
            assertThat(String.join("", screen.lines()))
                    .matches("(restored|verified|converted) .* s|.*disk.img is equal to image 1.*");
            assertThat(screen.exitCode()).isZero();
        }
    }

    @Test
    void quietMeansNothingOnTheScreen() {
        Screen screen = run(List.of(), "capture", "-q", disk, image);
        assertThat(screen.lines()).allMatch(String::isEmpty);
        assertThat(screen.redraws()).isZero();
        assertThat(screen.exitCode()).isZero();
    }

    @Test
    void anInterruptLeavesACheckpointAndSaysHowToGoOn() {
        List<String> interrupt = List.of("--interrupt-at", image + ".partial", String.valueOf(3 << 20), "1");
        String[] capture = {"capture", "--level", "19", "--checkpoint", "2M", disk, image};
        Screen stopped = run(interrupt, capture);
        assertThat(stopped.exitCode()).isEqualTo(130);
        assertThat(String.join("", stopped.lines()))
                .matches(
                        "(\\^C)?platter: stopped at \\d+ % of 12\\.0 MiB; the same command with --resume goes on from there");
        Screen resumed = run(
                List.of(),
                Stream.concat(Stream.of("capture", "--resume"), Stream.of(disk, image))
                        .toArray(String[]::new));
        assertThat(resumed.exitCode()).isZero();
        assertThat(ProgramResult.of("verify", "--disk", disk, image).exitCode()).isZero();
    }

    @Test
    void theSecondInterruptEndsAtOnce() {
        assertThat(ProgramResult.of("capture", disk, image).exitCode()).isZero();
        String ready = directory.resolve("ready").toString();
        // The restore waits for a stream that does not go on, and does not see the first.
        String script = "image=$0 ready=$1; shift; exec \"$@\" < <(trap '' INT; exec 2>/dev/null </dev/null; "
                + "head -c 5000000 $image; echo now >$ready; sleep 60)";
        Screen screen = run(
                List.of("--interrupt-at", ready, "1", "2", "bash", "-c", script, image, ready),
                "restore",
                "-",
                directory.resolve("copy.img").toString());
        assertThat(screen.exitCode()).isEqualTo(130);
    }
}
