package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A job that lacks what it needs to start ends at once with the reason, and leaves neither threads nor files. */
@Timeout(240)
class StartFailureTest {
    private static final int SIZE = 9_000_000;
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().checkpointInterval(1 << 20).build();

    /** What a job prints before its failure, and after it the time that it took and the threads that are left. */
    private static final String FAILED = "failed: ";

    @TempDir
    static Path directory;

    /** The program without the means: runs one job. */
    public static final class Program {
        private Program() {}

        /** Takes the job and the directory with what it works on. */
        public static void main(String[] arguments) {
            Path files = Path.of(arguments[1]);
            long start = System.nanoTime();
            try {
                loadClasses();
                run(arguments[0], files);
                System.out.println("went well");
            } catch (IOException | RuntimeException | Error e) {
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                System.out.println(FAILED + e);
                System.out.println("after " + millis + " ms");
            }
            Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("platter-"))
                    .forEach(name -> System.out.println("left: " + name));
        }

        /** A class in a directory takes a descriptor when it is loaded, as one in a jar does not. */
        private static void loadClasses() throws IOException {
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path root = Path.of(entry);
                if (!root.endsWith("classes") || !Files.isDirectory(root)) {
                    continue;
                }
                try (Stream<Path> classes = Files.walk(root)) {
                    for (Path file : classes.filter(each -> each.toString().endsWith(".class"))
                            .toList()) {
                        String name = root.relativize(file).toString().replace(File.separatorChar, '.');
                        if (!name.equals("module-info.class")) {
                            load(name.substring(0, name.length() - ".class".length()));
                        }
                    }
                }
            }
        }

        private static void load(String name) {
            try {
                Class.forName(name, false, Program.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void run(String job, Path files) throws IOException {
            Path out = files.resolve("out");
            VirtualDiskFormat qcow2 = VirtualDisks.named("qcow2").orElseThrow();
            VirtualDiskOptions zstd =
                    VirtualDiskOptions.builder().compression(Compression.ZSTD).build();
            switch (job) {
                case "capture", "append", "resume" -> {
                    try (BlockDevice disk = FileDevice.open(files.resolve("disk"), OpenMode.READ);
                            ImageWriter writer = writer(job, files, DiskGeometry.of(disk))) {
                        Capture.of(disk).options(CaptureOptions.everything()).to(writer);
                    }
                }
                case "restore" -> {
                    try (ImageReader reader = ImageReader.open(files.resolve("image"))) {
                        Restore.of(reader.newestImage())
                                .control(control -> control.threads(2))
                                .toNewFile(out);
                    }
                }
                case "stream" -> {
                    try (FileChannel image = FileChannel.open(files.resolve("image"))) {
                        StreamRestore.of(image)
                                .control(control -> control.threads(2))
                                .toNewFile(out);
                    }
                }
                case "verify" -> {
                    try (ImageReader reader = ImageReader.open(files.resolve("image"))) {
                        Verify.of(reader).control(control -> control.threads(2)).full();
                    }
                }
                case "convert" -> {
                    try (ImageReader reader = ImageReader.open(files.resolve("image"))) {
                        Convert.of(reader.newestImage())
                                .control(control -> control.threads(2))
                                .toNewFile(out, qcow2, zstd);
                    }
                }
                case "convert-disk" -> {
                    try (BlockDevice disk = FileDevice.open(files.resolve("disk"), OpenMode.READ)) {
                        Convert.of(disk).control(control -> control.threads(2)).toNewFile(out, qcow2, zstd);
                    }
                }
                default -> throw new IllegalArgumentException(job);
            }
        }

        private static ImageWriter writer(String job, Path files, DiskGeometry disk) throws IOException {
            return switch (job) {
                case "append" -> ImageWriter.append(files.resolve("image"), disk, OPTIONS);
                case "resume" -> ImageWriter.resume(files.resolve("begun"), OPTIONS);
                default -> ImageWriter.create(files.resolve("out"), disk, OPTIONS);
            };
        }
    }

    @BeforeEach
    void files() throws IOException {
        if (Files.exists(directory.resolve("disk"))) {
            return;
        }
        byte[] bytes = new byte[SIZE];
        byte[] noise = new byte[5000];
        Random random = new Random(3);
        for (int at = 0; at + 10_000 < SIZE; at += 10_000) {
            random.nextBytes(noise); // Half of it compresses.
            System.arraycopy(noise, 0, bytes, at, noise.length);
            java.util.Arrays.fill(bytes, at + 5000, at + 10_000, (byte) at);
        }
        Files.write(directory.resolve("disk"), bytes);
        ModelDisk disk = ModelDisk.of(bytes);
        Files.write(directory.resolve("image"), disk.toImage(OPTIONS));
        try (ImageWriter writer = ImageWriter.create(directory.resolve("begun"), disk.geometry(), OPTIONS)) {
            disk.writeTo(writer, SIZE / 2);
            writer.checkpoint();
        }
    }

    static Stream<String> jobs() {
        return Stream.of("capture", "append", "resume", "restore", "stream", "verify", "convert", "convert-disk");
    }

    /** Runs a job, which must fail; the files that it works on stay as they are, and nothing is added. */
    private String failure(List<String> before, List<String> options, String job) throws Exception {
        byte[] image = Files.readAllBytes(directory.resolve("image"));
        byte[] begun = Files.readAllBytes(directory.resolve("begun.partial"));
        String output;
        try (ChildProgram child = ChildProgram.start(before, Program.class, options, job, directory)) {
            child.await();
            output = child.output();
        }
        assertThat(output).contains(FAILED).doesNotContain("left: ");
        long millis = Long.parseLong(output.replaceAll("(?s).*after (\\d+) ms.*", "$1"));
        // A second on a machine that does nothing else.
        assertThat(millis).isLessThan(10_000);
        assertThat(directory.resolve("image")).hasBinaryContent(image);
        assertThat(directory.resolve("begun.partial")).hasBinaryContent(begun);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .filteredOn(name -> !name.equals("readonly"))
                    .containsExactlyInAnyOrder("disk", "image", "begun.partial");
        }
        return output;
    }

    /** The compression library is unpacked there: a full, read-only or missing directory are all the same to it. */
    @ParameterizedTest
    @MethodSource("jobs")
    void aTemporaryDirectoryThatTakesNothingIsTheReason(String job) throws Exception {
        Path nowhere = directory.resolve("disk").resolve("tmp");
        String output = failure(List.of(), List.of("-Djava.io.tmpdir=" + nowhere), job);
        assertThat(output).containsAnyOf("LinkError", "ExceptionInInitializerError", "NoClassDefFoundError");
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void tooLittleDirectMemoryIsTheReason(String job) throws Exception {
        List<String> options = List.of("-XX:MaxDirectMemorySize=" + (job.equals("verify") ? "100k" : "2m"));
        assertThat(failure(List.of(), options, job)).contains("OutOfMemoryError");
    }

    /** What a JVM has open of its own differs; so does who is the first to find no descriptor left. */
    @ParameterizedTest
    @MethodSource("jobs")
    void tooFewOpenFilesEndTheJob(String job) throws Exception {
        for (int limit = 12; limit <= 24; limit += 4) {
            List<String> before = List.of("sh", "-c", "ulimit -n " + limit + "; exec \"$@\"", "sh");
            try (ChildProgram child = ChildProgram.start(before, Program.class, List.of(), job, directory)) {
                child.await();
                assertThat(child.output()).doesNotContain("left: ");
            }
            reset();
        }
    }

    /** Enough descriptors for a job to go well leave something. */
    private void reset() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        files();
    }
}
