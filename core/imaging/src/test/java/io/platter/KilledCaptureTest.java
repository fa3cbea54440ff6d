package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class KilledCaptureTest {
    private static final long SEED = Long.getLong("test.seed", 101);
    private static final int MEBIBYTES = 200;
    private static final int KILLS = 20;
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().checkpointInterval(4 << 20).build();

    @TempDir
    Path directory;

    /** The program that is killed: resumes an image, or begins it. */
    public static final class Program {
        private Program() {}

        /** Takes the names of the disk and the image. */
        public static void main(String[] arguments) throws IOException {
            Path image = Path.of(arguments[1]);
            if (ImageWriter.publishFinished(image)) {
                return; // Killed between the last commit and the name.
            }
            try (FileDevice disk = FileDevice.open(Path.of(arguments[0]), OpenMode.READ);
                    ImageWriter writer = ImageWriter.canResume(image)
                            ? ImageWriter.resume(image, OPTIONS)
                            : ImageWriter.create(image, DiskGeometry.of(disk), OPTIONS)) {
                Capture.of(disk).options(CaptureOptions.everything()).to(writer);
            }
        }
    }

    @Test
    @Timeout(240)
    void aCaptureThatIsKilledAgainAndAgainEndsAsTheSameImage() throws Exception {
        Path disk = directory.resolve("disk");
        makeDisk(disk);
        Path image = directory.resolve("image");
        Random random = new Random(SEED);
        int killed = 0;
        while (!Files.exists(image)) {
            killed += run(disk, image, killed < KILLS ? 1 + random.nextInt(6 << 20) : Long.MAX_VALUE) ? 1 : 0;
        }
        assertThat(killed).as("seed %d", SEED).isEqualTo(KILLS);

        Path whole = directory.resolve("whole");
        ImageInfo expected;
        try (FileDevice source = FileDevice.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(whole, DiskGeometry.of(source), OPTIONS)) {
            expected = Capture.of(source)
                    .options(CaptureOptions.everything())
                    .to(writer)
                    .image();
        }
        try (ImageReader reader = ImageReader.open(image);
                FileDevice source = FileDevice.open(disk, OpenMode.READ)) {
            Verify.of(reader).control(control -> control.threads(2)).full();
            assertThat(Verify.of(reader.newestImage()).differences(source)).isEmpty();
            assertThat(reader.newestImage().info().rootHash()).isEqualTo(expected.rootHash());
        }
    }

    /** Runs the program until the file has grown by so many bytes; tells whether it had to be killed. */
    private boolean run(Path disk, Path image, long growth) throws IOException, InterruptedException {
        Path partial = directory.resolve("image.partial");
        long start = Files.exists(partial) ? Files.size(partial) : 0;
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        disk.toString(),
                        image.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        try {
            while (!process.waitFor(2, TimeUnit.MILLISECONDS)) {
                if (Files.exists(partial) && Files.size(partial) - start >= growth) {
                    process.destroyForcibly().waitFor();
                    return !Files.exists(image);
                }
            }
            assertThat(process.exitValue())
                    .as(() -> output(directory.resolve("output")))
                    .isZero();
            return false;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String output(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Half noise, the rest zeros, text, and what stood before. */
    private static void makeDisk(Path disk) throws IOException {
        Random random = new Random(SEED);
        byte[] piece = new byte[1 << 20];
        try (FileChannel out = FileChannel.open(disk, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < MEBIBYTES; i++) {
                switch (random.nextInt(5)) {
                    case 0 -> java.util.Arrays.fill(piece, 4096 * random.nextInt(256), piece.length, (byte) 0);
                    case 1 -> {
                        byte[] text =
                                ("line " + i + " of a text\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                        for (int at = 0; at < piece.length; at++) {
                            piece[at] = text[at % text.length];
                        }
                    }
                    case 2 -> piece[random.nextInt(piece.length)]++;
                    default -> random.nextBytes(piece);
                }
                out.write(ByteBuffer.wrap(piece));
            }
        }
    }
}
