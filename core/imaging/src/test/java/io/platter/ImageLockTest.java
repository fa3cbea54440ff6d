package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One image file has one writer at a time, whatever is opened and closed beside it. */
@Timeout(120)
class ImageLockTest {
    private static final int SIZE = 3_000_000;
    private static final String REFUSED = "is being written by another program";
    private static final String WRITTEN = "all of it is there";

    private static final ImageOptions OPTIONS =
            ImageOptions.builder().checkpointInterval(1 << 20).build();

    /** Another program, which adds an image to a file, or resumes one. */
    public static final class Program {
        private Program() {}

        /** Takes what to do, the name of the image, and the disk's seed. */
        public static void main(String[] arguments) throws IOException {
            Path image = Path.of(arguments[1]);
            byte[] disk = noise(Integer.parseInt(arguments[2]));
            try (ImageWriter writer =
                    switch (arguments[0]) {
                        case "append" -> ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS);
                        case "resume" -> ImageWriter.resume(image, OPTIONS);
                        default -> ImageWriter.create(image, DiskGeometry.ofSize(SIZE), OPTIONS);
                    }) {
                Capture.of(MemoryDevice.over(disk))
                        .options(CaptureOptions.everything())
                        .to(writer);
                System.out.println(WRITTEN);
            } catch (FileSystemException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @TempDir
    Path directory;

    private Path image;

    private static byte[] noise(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @BeforeEach
    void anImage() throws IOException {
        image = directory.resolve("image");
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            Capture.of(MemoryDevice.over(noise(1)))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
    }

    @AfterEach
    void noLockIsLeft() throws IOException {
        try (var files = Files.list(directory)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".lock"));
        }
    }

    private static void assertRefused(String what, Path file) throws IOException, InterruptedException {
        assertThat(ChildProgram.run(Program.class, what, file, 9)).contains(REFUSED);
    }

    private void assertImages(int count) throws IOException {
        try (ImageReader reader = ImageReader.open(image)) {
            Verify.of(reader).control(control -> control.threads(1)).full();
            assertThat(reader.images()).hasSize(count);
        }
    }

    /** What an application does with a file that it also writes: all of it opens and closes the file. */
    private static void readAsOthersDo(Path file) throws IOException {
        Files.readAllBytes(file);
        ImageReader.open(file).close();
        ImageWriter.canResume(file);
    }

    @Test
    void anAppendKeepsOthersOutThoughTheFileIsReadMeanwhile() throws Exception {
        byte[] second = noise(2);
        try (ImageWriter writer = ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            assertRefused("append", image);
            readAsOthersDo(image);
            assertRefused("append", image);
            assertThatThrownBy(() -> ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("is being written by this program");
            assertRefused("append", image);
            Capture.of(MemoryDevice.over(second))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertImages(2);
        assertThat(ChildProgram.run(Program.class, "append", image, 3)).contains(WRITTEN);
        assertImages(3);
    }

    @Test
    void anAppendThatIsGivenUpLetsOthersIn() throws Exception {
        ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS).close();
        assertThat(ChildProgram.run(Program.class, "append", image, 3)).contains(WRITTEN);
        assertImages(2);
    }

    private byte[] leaveUnfinished(boolean append) throws IOException {
        byte[] disk = noise(2);
        try (ImageWriter writer = append
                ? ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS)
                : ImageWriter.create(image, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            writer.data(0, java.nio.ByteBuffer.wrap(disk, 0, SIZE / 2));
            writer.checkpoint();
        }
        return disk;
    }

    @Test
    void aResumedCaptureKeepsOthersOutAfterItsSourceWasCompared() throws Exception {
        for (boolean append : new boolean[] {false, true}) {
            Files.delete(image);
            if (append) {
                anImage();
            }
            byte[] disk = leaveUnfinished(append);
            Path written = append ? image : directory.resolve("image.partial");
            FaultyDisk source = new FaultyDisk(disk, Set.of());
            boolean[] asked = new boolean[1];
            try (ImageWriter writer = ImageWriter.resume(image, OPTIONS)) {
                // Data is read when all samples of the source are compared.
                source.onContentRead(() -> {
                    if (!asked[0]) {
                        asked[0] = true;
                        tryAll(written);
                    }
                });
                Capture.of(source).options(CaptureOptions.everything()).to(writer);
            }
            assertThat(asked[0]).isTrue();
            assertImages(append ? 2 : 1);
        }
    }

    private void tryAll(Path written) {
        try {
            readAsOthersDo(written);
            assertRefused("resume", image);
            assertRefused("append", written);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aNewImageKeepsOthersOut() throws Exception {
        Files.delete(image);
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            writer.checkpoint();
            readAsOthersDo(directory.resolve("image.partial"));
            assertRefused("create", image);
            assertRefused("resume", image);
            Capture.of(MemoryDevice.over(noise(1)))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertImages(1);
    }

    @Test
    void oneOfTwoResumesAtOnceIsRefused() throws Exception {
        Files.delete(image);
        leaveUnfinished(false);
        try (ChildProgram one = ChildProgram.start(Program.class, List.of(), "resume", image, 2);
                ChildProgram other = ChildProgram.start(Program.class, List.of(), "resume", image, 2)) {
            one.await();
            other.await();
            List<String> outputs = List.of(one.output(), other.output());
            assertThat(outputs).filteredOn(text -> text.contains(WRITTEN)).hasSize(1);
            assertThat(outputs)
                    .filteredOn(text -> text.contains(REFUSED) || text.contains("no unfinished image"))
                    .hasSize(1);
        }
        assertImages(1);
    }

    @Test
    void aSymbolicLinkAndItsTargetAreOneFile() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), image);
        Path directoryLink = Files.createSymbolicLink(directory.resolve("elsewhere"), directory);
        try (ImageWriter writer = ImageWriter.append(link, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            readAsOthersDo(image);
            assertRefused("append", image);
            assertRefused("append", directoryLink.resolve("image"));
            Capture.of(MemoryDevice.over(noise(2)))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        try (ImageWriter writer = ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            assertRefused("append", link);
            Capture.of(MemoryDevice.over(noise(3)))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertImages(3);
        assertThat(link).isSymbolicLink();
    }

    @Test
    void aHardLinkIsTheSameFile() throws Exception {
        Path other = Files.createLink(directory.resolve("other"), image);
        try (ImageWriter writer = ImageWriter.append(image, DiskGeometry.ofSize(SIZE), OPTIONS)) {
            assertRefused("append", other);
            assertThatThrownBy(() -> ImageWriter.append(other, DiskGeometry.ofSize(SIZE), OPTIONS))
                    .hasMessageContaining("is being written by this program");
            assertRefused("append", other);
            Capture.of(MemoryDevice.over(noise(2)))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertImages(2);
    }

    @Test
    void aLockThatAKilledProgramHasLeftIsTaken() throws Exception {
        Files.write(directory.resolve("image.lock"), new byte[77]);
        assertThat(ChildProgram.run(Program.class, "append", image, 3)).contains(WRITTEN);
        assertImages(2);
    }
}
