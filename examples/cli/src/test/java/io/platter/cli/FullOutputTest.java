package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.testkit.DiskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command says it when standard output can't be written: a full disk, a closed pipe. */
@Timeout(60)
class FullOutputTest {
    @TempDir
    Path directory;

    private Path writeDisk() throws IOException {
        return Files.write(
                directory.resolve("disk.img"),
                DiskModel.random(4, 300_000, 100_000).bytes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "help",
                "help capture",
                "help --man",
                "--version",
                "capture --help",
                "completion bash",
                "capture DISK -",
                "capture DISK new.platter",
                "capture --json DISK new.platter",
                "capture --dry-run DISK new.platter",
                "restore IMAGE -",
                "restore IMAGE new.img",
                "restore --json IMAGE new.img",
                "restore --dry-run IMAGE new.img",
                "verify IMAGE",
                "verify --json IMAGE",
                "verify --disk DISK IMAGE",
                "convert --to raw IMAGE -",
                "convert --to vmdk IMAGE -",
                "convert --to vhd --subformat fixed IMAGE -",
                "convert --to platter IMAGE -",
                "convert IMAGE new.qcow2",
                "convert --json IMAGE new.qcow2",
                "info IMAGE",
                "info --json IMAGE",
                "info --from raw DISK",
                "map IMAGE",
                "map --json IMAGE",
                "read IMAGE 0 1000",
                "partitions DISK",
                "partitions --json DISK",
                "allocation DISK",
                "allocation --json DISK",
            })
    void standardOutputThatIsFullIsAFailure(String call) throws IOException {
        Path disk = writeDisk();
        Path image = directory.resolve("disk.platter");
        assertThat(ProgramResult.of("capture", disk, image).exitCode()).isZero();
        Object[] words = Arrays.stream(call.split(" ", -1))
                .map(word -> switch (word) {
                    case "DISK" -> disk;
                    case "IMAGE" -> image;
                    default -> word.startsWith("new.") ? directory.resolve(word) : word;
                })
                .toArray();
        ProgramResult result = ProgramResult.onto(new OutputTest.FullDevice(), words);
        String reason = "standard output can't be written: No space left on device";
        assertThat(result.errors())
                .isEqualTo(
                        call.contains("--json")
                                ? "{\"type\":\"error\",\"error\":\"" + reason + "\",\"exitCode\":3}\n"
                                : "platter: " + reason + "\n");
        assertThat(result.exitCode()).isEqualTo(3);
    }

    @Test
    void aClosedPipeIsSaidInALine() throws IOException {
        writeDisk();
        ProgramProcess result = ProgramProcess.ofScript(
                directory,
                "C.UTF-8",
                "platter capture disk.img disk.platter; platter read disk.platter 0 300000 | head -c 1; "
                        + "exit ${PIPESTATUS[0]}");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.errors()).isEqualTo("platter: standard output can't be written: Broken pipe\n");
    }
}
