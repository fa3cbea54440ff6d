package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.image.ImageOptions;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that has its name is complete, whenever the program that wrote it was killed. */
class KilledRestoreTest {
    private static final long SEED = Long.getLong("test.seed", 103);
    private static final int SIZE = 60_000_000;
    private static final int KILLS = 6;

    @TempDir
    Path directory;

    private final byte[] disk = new byte[SIZE];

    /** The program that is killed. */
    public static final class Program {
        private Program() {}

        /** Takes what to do and the names of the image and the file. */
        public static void main(String[] arguments) throws IOException {
            Path image = Path.of(arguments[1]);
            Path file = Path.of(arguments[2]);
            if (arguments[0].equals("stream")) {
                try (FileChannel stream = FileChannel.open(image)) {
                    StreamRestore.of(stream)
                            .control(control -> control.threads(2))
                            .toNewFile(file);
                }
                return;
            }
            try (ImageReader reader = ImageReader.open(image)) {
                if (arguments[0].equals("restore")) {
                    Restore.of(reader.newestImage())
                            .control(control -> control.threads(2))
                            .toNewFile(file);
                } else {
                    Convert.of(reader.newestImage())
                            .control(control -> control.threads(2))
                            .toNewFile(file, VirtualDisks.named("raw").orElseThrow(), VirtualDiskOptions.defaults());
                }
            }
        }
    }

    @BeforeEach
    void image() throws IOException {
        new Random(SEED).nextBytes(disk);
        Files.write(directory.resolve("image"), ModelDisk.of(disk).toImage(ImageOptions.defaults()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"restore", "stream", "convert"})
    @Timeout(240)
    void aKilledJobLeavesNoFileOfTheName(String job) throws Exception {
        Path file = directory.resolve("file");
        Path partial = directory.resolve("file.partial");
        Random random = new Random(SEED);
        int killed = 0;
        while (!Files.exists(file)) {
            // The file may have its full size long before it has its bytes: so the time is what differs.
            if (Files.exists(partial)) {
                Files.setLastModifiedTime(partial, FileTime.fromMillis(0));
            }
            long pause = killed < KILLS ? random.nextInt(60) : Long.MAX_VALUE;
            try (ChildProgram child =
                    ChildProgram.start(Program.class, List.of(), job, directory.resolve("image"), file)) {
                while (child.isAlive() && !isBegun(partial) && !Files.exists(file)) {
                    Thread.sleep(1);
                }
                if (pause == Long.MAX_VALUE) {
                    assertThat(child.await()).as(child.output()).isZero();
                } else {
                    Thread.sleep(pause);
                    child.kill();
                    killed++;
                }
            }
            if (Files.exists(file)) {
                assertThat(file).hasBinaryContent(disk);
            }
        }
        assertThat(killed).isPositive();
        // Killed between the two steps in which a file gets its name, it has both.
        assertThat(!Files.exists(partial) || Files.isSameFile(file, partial)).isTrue();
    }

    private static boolean isBegun(Path partial) throws IOException {
        try {
            return Files.getLastModifiedTime(partial).toMillis() > 0;
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
