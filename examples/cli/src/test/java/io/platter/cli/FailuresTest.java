package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a failure says, and that nothing ends in a stack trace. */
@Timeout(60)
class FailuresTest {
    @TempDir
    Path directory;

    private static void assertSays(Throwable failure, int exitCode, String message) {
        assertThat(Failures.message(failure)).isEqualTo(message);
        assertThat(Failures.exitCode(failure, new Interruption())).isEqualTo(exitCode);
    }

    @Test
    void aFailureOfAFileSaysWhy() {
        assertSays(new NoSuchFileException("a"), 3, "a does not exist");
        assertSays(new AccessDeniedException("a"), 3, "a: permission denied");
        assertSays(new FileSystemException("a", "b", "Read-only file system"), 3, "a or b: Read-only file system");
        assertSays(
                new UncheckedIOException(new FileSystemException("a", null, "Too many open files")),
                3,
                "a: Too many open files; ulimit -n allows more");
        assertSays(new IOException("Too many open files"), 3, "Too many open files; ulimit -n allows more");
    }

    @Test
    void anErrorSaysWhatIsNeeded() {
        assertThat(Failures.message(new OutOfMemoryError("Java heap space")))
                .contains("heap")
                .contains("-Xmx");
        assertThat(Failures.message(new OutOfMemoryError("Cannot reserve 1048576 bytes of direct buffer memory")))
                .contains("-XX:MaxDirectMemorySize");
        assertThat(Failures.message(new UnsatisfiedLinkError("no zstd")))
                .contains("no zstd")
                .contains("-Djava.io.tmpdir=");
        assertThat(Failures.message(new NoClassDefFoundError("Could not initialize class X")))
                .contains("-Djava.io.tmpdir=");
        assertSays(
                new NullPointerException(),
                3,
                "a fault of the program: java.lang.NullPointerException; with --debug it tells where");
    }

    @Test
    void aForbiddenTemporaryDirectoryIsNamed() throws IOException {
        Files.write(directory.resolve("disk.img"), new byte[100_000]);
        ProgramProcess result = ProgramProcess.ofScript(
                directory,
                "C.UTF-8",
                "platter capture -q disk.img a.platter && platter_with -Djava.io.tmpdir=/proc verify a.platter");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.errors())
                .startsWith("platter: a native library can't be loaded: ")
                .contains("unpacked to /proc, ")
                .hasLineCount(1);
    }

    @Test
    void tooLittleMemoryIsSaidInALine() throws IOException {
        Files.write(directory.resolve("disk.img"), new byte[100_000]);
        ProgramProcess result = ProgramProcess.ofScript(
                directory,
                "C.UTF-8",
                "platter capture -q disk.img a.platter && "
                        + "platter_with -XX:MaxDirectMemorySize=1m convert --threads 2 a.platter a.qcow2");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.errors())
                .startsWith("platter: out of memory: ")
                .contains("-XX:MaxDirectMemorySize=SIZE allows more")
                .hasLineCount(1);
    }

    @Test
    void debugTellsWhere() {
        ProgramResult result = ProgramResult.of("info", "--debug", directory.resolve("missing"));
        assertThat(result.errors()).contains("does not exist\n").contains("\\tat io.platter.cli.");
        assertThat(result.exitCode()).isEqualTo(3);
    }
}
