package io.platter.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.block.MemoryDevice;
import io.platter.repository.Repository;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs each program, and looks with other programs at what it made. */
class ProgramsTest {
    private static final int SIZE = 12 << 20;
    private static final Path SOURCES = Path.of("src/main/java/io/platter/programs");

    @TempDir
    Path directory;

    private Path disk = Path.of("disk");
    private Path file = Path.of("file");

    /** What a program does. */
    private interface Program {
        void run(String[] arguments) throws IOException;
    }

    @BeforeEach
    void makeDisk() throws IOException {
        byte[] content = new byte[SIZE];
        new Random(1).nextBytes(content);
        Arrays.fill(content, 5 << 20, 7 << 20, (byte) 0);
        disk = Files.write(directory.resolve("disk"), content);
        file = directory.resolve("file.platter");
    }

    private static synchronized String run(Program program, Object... arguments) throws IOException {
        PrintStream before = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            program.run(Stream.of(arguments).map(String::valueOf).toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    private byte[] restored() throws IOException {
        Path copy = directory.resolve("copy");
        Files.deleteIfExists(copy);
        try (ImageReader images = ImageReader.open(file)) {
            Restore.of(images.newestImage()).toNewFile(copy);
        }
        return Files.readAllBytes(copy);
    }

    private static Stream<Path> sources() throws IOException {
        try (Stream<Path> all = Files.list(SOURCES)) {
            return all.filter(source -> !source.endsWith("package-info.java")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("sources")
    void aProgramIsOfOnePageAndIsRunHere(Path source) throws IOException {
        assertThat(Files.readAllLines(source)).hasSizeLessThanOrEqualTo(60);
        String name = source.getFileName().toString().replace(".java", "");
        assertThat(Files.readString(Path.of("src/test/java/io/platter/programs/ProgramsTest.java")))
                .contains(name + "::main");
        assertThat(sources()).hasSize(10);
    }

    @Test
    void nightlyAppend() throws IOException {
        assertThat(run(NightlyAppend::main, disk, file)).contains("image 1 ", "checked 1 images");
        byte[] changed = Files.readAllBytes(disk);
        changed[SIZE / 2] ^= 1;
        Files.write(disk, changed);
        long first = Files.size(file);
        assertThat(run(NightlyAppend::main, disk, file)).contains("image 2 ", "checked 2 images");
        assertThat(Files.size(file) - first).isLessThan(SIZE / 10);
        assertThat(restored()).isEqualTo(changed);
    }

    @Test
    void nightlyMachines() throws IOException {
        Path repository = directory.resolve("repository");
        Path other = Files.copy(disk, directory.resolve("other"));
        assertThat(run(NightlyMachines::main, repository, disk, other))
                .contains("disk: " + (SIZE - (2 << 20)) + " bytes are new", "other: 0 bytes are new", "freed 0 bytes");
        byte[] changed = Files.readAllBytes(disk);
        changed[SIZE / 2] ^= 1;
        Files.write(disk, changed);
        assertThat(run(NightlyMachines::main, repository, disk, other)).contains("forgot images/");
        try (Repository opened = Repository.open(repository);
                ImageReader images = opened.reader(opened.image("disk"))) {
            assertThat(opened.images()).hasSize(2);
            MemoryDevice restored = MemoryDevice.ofSize(SIZE);
            Restore.of(images.newestImage()).to(restored);
            byte[] bytes = new byte[SIZE];
            restored.read(java.nio.ByteBuffer.wrap(bytes), 0);
            assertThat(bytes).isEqualTo(changed);
        }
    }

    @Test
    void restoreToLargerDisk() throws IOException {
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=2048,size=4096\n", "-q", disk);
        Capture.of(disk).to(file);
        Path larger = Files.write(directory.resolve("larger"), new byte[2 * SIZE]);
        assertThat(run(RestoreToLargerDisk::main, file, larger))
                .contains("beyond the image: " + SIZE, "differences: 0", "partition 1: 2097152 bytes at 1048576")
                .doesNotContain("warning", "error");
        // The backup of the table is at the end of the larger disk: sgdisk says so, and finds nothing wrong.
        assertThat(Oracle.of("sgdisk").run("-v", larger)).contains("No problems found");
    }

    @Test
    void convertDisk() throws IOException {
        Capture.of(disk).to(file);
        Path qcow2 = directory.resolve("disk.qcow2");
        assertThat(run(ConvertDisk::main, file, qcow2, "qcow2")).contains("converted " + SIZE, "differences: 0");
        Oracle.of("qemu-img").run("compare", "-f", "raw", "-F", "qcow2", disk, qcow2);
        Path child = directory.resolve("child.qcow2");
        Oracle.of("qemu-img").run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", qcow2, child);
        Path vmdk = directory.resolve("disk.vmdk");
        assertThat(run(ConvertDisk::main, child, vmdk, "vmdk")).contains("differences: 0");
        Oracle.of("qemu-img").run("compare", "-f", "raw", "-F", "vmdk", disk, vmdk);
    }

    @Test
    void freezeAndCapture() throws IOException {
        Oracle.requireRoot();
        Files.write(disk, new byte[64 << 20]);
        Oracle.of("mke2fs").run("-q", "-F", "-t", "ext4", disk);
        Path point = Files.createDirectory(directory.resolve("mnt"));
        try (LoopDevice loop = LoopDevice.attach(disk)) {
            Oracle.of("mount").run("-t", "ext4", loop.path(), point);
            try {
                Files.write(point.resolve("hello"), new byte[100_000]);
                assertThat(run(FreezeAndCapture::main, point, file))
                        .contains("captured ", " of " + (64 << 20))
                        .doesNotContain("in full");
                Files.write(point.resolve("after"), new byte[1]);
            } finally {
                Oracle.of("umount").run(point);
            }
        }
        Path copy = Files.write(directory.resolve("restored"), restored());
        Oracle.of("e2fsck").run("-f", "-n", copy);
    }

    @Test
    void pipeOverSocket() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path copy = directory.resolve("received");
        CompletableFuture<Void> receiver = CompletableFuture.runAsync(() -> {
            try {
                PipeOverSocket.main(new String[] {"receive", String.valueOf(port), copy.toString()});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        for (int tries = 0; ; tries++) {
            try {
                assertThat(run(PipeOverSocket::main, "send", disk, "localhost", port))
                        .contains("sent ");
                break;
            } catch (ConnectException e) {
                assertThat(tries).isLessThan(100);
                Thread.sleep(50);
            }
        }
        receiver.join();
        assertThat(copy).hasSameBinaryContentAs(disk);
    }

    @Test
    void customSource() throws IOException {
        byte[] plain = Files.readAllBytes(disk);
        byte[] masked = plain.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= 0x5A;
        }
        Files.write(disk, masked);
        assertThat(run(CustomSource::main, disk, file, "0x5A")).contains("captured ");
        assertThat(restored()).isEqualTo(plain);
    }

    @Test
    void progressBar() throws IOException {
        assertThat(run(ProgressBar::main, disk, file)).contains("\r[").contains("#".repeat(40));
        assertThat(restored()).isEqualTo(Files.readAllBytes(disk));
    }

    @Test
    void verifyMany() throws IOException {
        List<Path> files = List.of(file, directory.resolve("second"), directory.resolve("third"));
        for (Path one : files) {
            Capture.of(MemoryDevice.over(Files.readAllBytes(disk))).to(one);
        }
        assertThat(run(VerifyMany::main, files.toArray())).contains(file + ": 1 images are good");
        byte[] damaged = Files.readAllBytes(files.get(1));
        damaged[damaged.length / 2] ^= 1;
        Files.write(files.get(1), damaged);
        assertThatThrownBy(() -> run(VerifyMany::main, files.toArray())).isInstanceOf(IllegalStateException.class);
        Files.write(
                files.get(1), Arrays.copyOf(Files.readAllBytes(files.get(0)), (int) Files.size(files.get(0)) - 100));
        assertThatThrownBy(() -> run(VerifyMany::main, files.toArray())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void serveImage() throws IOException, InterruptedException, ExecutionException {
        Capture.of(MemoryDevice.over(Files.readAllBytes(disk))).to(file);
        byte[] image = Files.readAllBytes(file);
        Path socket = directory.resolve("socket");
        InputStream input = System.in;
        PipedOutputStream keyboard = new PipedOutputStream();
        System.setIn(new PipedInputStream(keyboard));
        try {
            CompletableFuture<String> program = CompletableFuture.supplyAsync(() -> {
                try {
                    return run(ServeImage::main, file, directory.resolve("overlay"), socket);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            while (!Files.exists(socket)) {
                assertThat(program).isNotCompleted();
                Thread.sleep(5);
            }
            Oracle.of("qemu-io")
                    .run("-f", "raw", "-c", "write -P 7 4k 8k", "-c", "flush", "nbd+unix:///?socket=" + socket);
            keyboard.close();
            assertThat(program.get()).contains("qemu-system", "8192 bytes differ from image 1");
        } finally {
            System.setIn(input);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(image);
    }
}
