package io.platter.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.DeviceException;
import io.platter.block.OpenMode;
import io.platter.device.RawDisk;
import io.platter.device.RawDisks;
import io.platter.device.Snapshot;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(120)
class FreezeTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private LoopDevice loop;
    private Mount mount;

    @BeforeEach
    void mount() throws IOException {
        Oracle.requireRoot();
        Path file = directory.resolve("backing");
        Oracle.of("truncate").run("--size", "32M", file);
        loop = LoopDevice.attach(file);
        mount = Mount.ext4(loop, directory.resolve("mnt"));
    }

    @AfterEach
    void unmount() {
        Oracle.of("fsfreeze").tryRun("--unfreeze", mount.point());
        mount.close();
        loop.close();
    }

    @Test
    void writersWaitUntilTheFilesystemIsThawed() throws Exception {
        Process writer;
        try (Snapshot snapshot = RawDisks.freeze(mount.point(), LONG)) {
            assertThat(snapshot.device()).isEqualTo(loop.path());
            writer = writer("echo x > x");
            assertThat(writer.waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
        }
        assertThat(writer.waitFor()).isZero();
        assertThat(mount.point().resolve("x")).hasContent("x");
    }

    @Test
    void aFrozenFilesystemIsCapturedCleanWhileOthersWriteToIt() throws Exception {
        Process writer = writer("i=0; while [ -e . ] && [ ! -e stop ] && [ $i -lt 5000 ]; do"
                + " echo $i > f$((i % 300)); rm -f f$(((i + 150) % 300)); i=$((i + 1)); done");
        Path copy = directory.resolve("copy");
        Thread.sleep(300);
        assertThat(writer.isAlive()).isTrue();
        try (Snapshot snapshot = RawDisks.freeze(mount.point(), LONG);
                RawDisk disk = RawDisks.open(snapshot.device(), OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) disk.size());
            disk.read(bytes, 0);
            Files.write(copy, bytes.array());
        }
        Files.createFile(mount.point().resolve("stop"));
        assertThat(writer.waitFor()).isZero();
        assertThat(Oracle.of("e2fsck").tryRun("-fn", copy).exitCode()).isZero();
    }

    @Test
    void aKilledProgramLeavesTheFilesystemThawed() throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Freezing.class.getName(),
                        mount.point().toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = java.inputReader()) {
            assertThat(output.readLine()).isEqualTo("frozen");
            Process writer = writer("echo x > x");
            assertThat(writer.waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
            java.destroyForcibly(); // SIGKILL
            assertThat(java.waitFor()).isEqualTo(128 + 9);
            assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            java.destroyForcibly();
        }
    }

    /** Freezes a filesystem, in a Java machine of its own, and does not come back. */
    static final class Freezing {
        private Freezing() {}

        public static void main(String[] arguments) throws Exception {
            try (Snapshot snapshot = RawDisks.freeze(Path.of(arguments[0]), LONG)) {
                System.out.println("frozen");
                Thread.sleep(snapshot.device().toString().length() * 100_000L);
            }
        }
    }

    @Test
    void aFreezeThatLastsTooLongIsThawedAndReported() throws Exception {
        Snapshot snapshot = RawDisks.freeze(mount.point(), Duration.ofMillis(500));
        assertThat(writer("echo x > x").waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(snapshot::close)
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("did not hold still");
        snapshot.close();
    }

    @Test
    void aFilesystemThatAnotherFrozeStaysFrozen() throws Exception {
        Oracle.of("fsfreeze").run("--freeze", mount.point());
        assertThatThrownBy(() -> RawDisks.freeze(mount.point(), LONG))
                .isInstanceOfSatisfying(
                        DeviceException.class, e -> assertThat(e.osError()).isEqualTo(16));
        Oracle.of("fsfreeze").run("--unfreeze", mount.point());
    }

    @Test
    void aFilesystemThatHoldsTheImageIsNotFrozen() {
        assertThatThrownBy(() -> RawDisks.freeze(
                        mount.point(),
                        LONG,
                        directory.resolve("image"),
                        mount.point().resolve("new/image")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("new/image");
        assertThatThrownBy(() -> RawDisks.freeze(directory, LONG))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("nothing is mounted here");
    }

    /** Starts a shell in the filesystem. */
    private Process writer(String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script)
                .directory(mount.point().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
