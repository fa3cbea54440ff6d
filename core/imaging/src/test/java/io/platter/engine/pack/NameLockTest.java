package io.platter.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class NameLockTest {
    private static final int PROGRAMS = 3;
    private static final int ROUNDS = 300;

    @TempDir
    Path directory;

    /** Adds 1 to the number in a file, again and again, each time with the lock. */
    public static final class Counter {
        private Counter() {}

        /** Takes the name of the file. */
        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[0]);
            for (int round = 0; round < ROUNDS; round++) {
                try (NameLock lock = take(file)) {
                    assertThat(lock).isNotNull();
                    int number = Integer.parseInt(Files.readString(file));
                    Files.writeString(file, "");
                    Thread.onSpinWait();
                    Files.writeString(file, Integer.toString(number + 1));
                }
            }
        }

        private static NameLock take(Path file) throws IOException {
            while (true) {
                try {
                    return NameLock.take(file);
                } catch (FileSystemException e) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void programsThatTakeAndDeleteTheLockAllTheTimeHaveItOneAfterTheOther() throws Exception {
        Path file = Files.writeString(directory.resolve("number"), "0");
        List<Process> programs = new ArrayList<>();
        for (int i = 0; i < PROGRAMS; i++) {
            programs.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Counter.class.getName(),
                            file.toString())
                    .inheritIO()
                    .start());
        }
        for (Process program : programs) {
            assertThat(program.waitFor()).isZero();
        }
        assertThat(file).hasContent(Integer.toString(PROGRAMS * ROUNDS));
        assertThat(directory.resolve("number.lock")).doesNotExist();
    }

    @Test
    void aNameAndItsPartialHaveOneLock() throws IOException {
        Path file = directory.resolve("image");
        try (NameLock lock = NameLock.take(file)) {
            assertThat(lock).isNotNull();
            assertThat(directory.resolve("image.lock")).isRegularFile();
            assertThatThrownBy(() -> NameLock.take(PublishedFile.partialName(file)))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageEndingWith("image.partial: is being written by this program");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void anInterruptedThreadLeavesNoLockFile() throws IOException {
        Thread.currentThread().interrupt();
        try {
            NameLock.take(directory.resolve("image")).close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aLockOfAnotherIsNotDeleted() throws IOException {
        Path file = directory.resolve("image");
        Path lockFile = directory.resolve("image.lock");
        NameLock lock = NameLock.take(file);
        Files.delete(lockFile);
        try (NameLock other = NameLock.take(file)) {
            assertThat(other).isNotNull();
            lock.close();
            assertThat(lockFile).exists();
        }
        assertThat(lockFile).doesNotExist();
    }

    @Test
    void aLockFileThatIsALinkIsRefused() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "mine");
        Files.createSymbolicLink(directory.resolve("image.lock"), victim);
        assertThatThrownBy(() -> NameLock.take(directory.resolve("image")))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("image.lock: is not a regular file but a link");
        assertThat(victim).hasContent("mine");
    }

    @Test
    void aDirectoryThatIsMissingIsNamed() {
        assertThatThrownBy(() -> NameLock.take(directory.resolve("no/image")))
                .isInstanceOf(java.nio.file.NoSuchFileException.class)
                .hasMessageEndingWith("/no");
    }
}
