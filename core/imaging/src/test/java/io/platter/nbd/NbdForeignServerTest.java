package io.platter.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.job.CaptureReport;
import io.platter.job.ReadErrorPolicy;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks of qemu-nbd and nbdkit, sound ones and such that fail. */
@Timeout(120)
class NbdForeignServerTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final List<Process> servers = new ArrayList<>();
    private Path raw;

    @BeforeEach
    void makeDisk() throws IOException {
        byte[] disk = new byte[24 * MIB];
        byte[] noise = new byte[6 * MIB];
        new Random(9).nextBytes(noise);
        System.arraycopy(noise, 0, disk, 0, noise.length);
        System.arraycopy(noise, 5, disk, 16 * MIB, 2 * MIB);
        raw = directory.resolve("disk.img");
        try (FileDevice file = FileDevice.create(raw, disk.length)) { // with holes, which servers tell of
            file.write(ByteBuffer.wrap(disk, 0, noise.length), 0);
            file.write(ByteBuffer.wrap(disk, 16 * MIB, 2 * MIB), 16 * MIB);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
    }

    private Path socket() {
        return directory.resolve("server.sock");
    }

    private NbdUri start(String... command) throws IOException, InterruptedException {
        Oracle.of(command[0]);
        servers.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
        while (!Files.exists(socket())) {
            assertThat(servers.get(servers.size() - 1).isAlive()).isTrue();
            Thread.sleep(10);
        }
        return NbdUri.unix(socket(), "");
    }

    private NbdUri qemu(Path file, String format, String... options) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("qemu-nbd", "-t", "-e", "8", "-k", socket().toString(), "-f", format));
        command.addAll(List.of(options));
        command.add(file.toString());
        return start(command.toArray(String[]::new));
    }

    private NbdUri nbdkit(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nbdkit", "-f", "-U", socket().toString()));
        command.addAll(List.of(options));
        return start(command.toArray(String[]::new));
    }

    private Path image() {
        return directory.resolve("disk.plt");
    }

    private void assertIsImageOfDisk() throws IOException {
        try (ImageReader images = ImageReader.open(image())) {
            Path copy = directory.resolve("copy.img");
            Restore.of(images.newestImage()).toNewFile(copy);
            assertThat(copy).hasSameBinaryContentAs(raw);
            Files.delete(copy);
        }
    }

    @Test
    void aDiskOfQemuIsCapturedAndRestored() throws IOException, InterruptedException {
        try (NbdDevice disk = NbdDevice.open(qemu(raw, "raw"))) {
            assertThat(disk.extentAt(0).kind()).isEqualTo(ExtentKind.DATA);
            assertThat(disk.extentAt(7 * MIB).kind()).isNotEqualTo(ExtentKind.DATA);
            Capture.of(disk).to(image());
        }
        assertIsImageOfDisk();
        stop();
        Path target = directory.resolve("target.qcow2");
        Oracle.of("qemu-img").run("create", "-f", "qcow2", target, "24M");
        Files.deleteIfExists(socket());
        try (NbdDevice disk = NbdDevice.open(
                        qemu(target, "qcow2"), NbdOptions.defaults().writable());
                ImageReader images = ImageReader.open(image())) {
            Restore.of(images.newestImage()).to(disk);
        }
        stop();
        assertThat(Oracle.of("qemu-img").run("compare", "-f", "raw", "-F", "qcow2", raw, target))
                .contains("Images are identical");
    }

    @Test
    void aServerWithLargeBlocksAndFewPowersIsServedAsItWants() throws IOException, InterruptedException {
        NbdUri uri = nbdkit(
                "--filter=blocksize-policy",
                "file",
                raw.toString(),
                "blocksize-minimum=4096",
                "blocksize-preferred=65536",
                "blocksize-maximum=1M",
                "blocksize-error-policy=error");
        byte[] expected = Files.readAllBytes(raw);
        Random random = new Random(3);
        try (NbdDevice disk = NbdDevice.open(uri, NbdOptions.defaults().writable())) {
            for (int i = 0; i < 200; i++) {
                byte[] bytes = new byte[1 + random.nextInt(i % 10 == 0 ? 3 * MIB : 9000)];
                int at = random.nextInt(expected.length - bytes.length);
                if (i % 2 == 0) {
                    random.nextBytes(bytes);
                    System.arraycopy(bytes, 0, expected, at, bytes.length);
                    disk.write(ByteBuffer.wrap(bytes), at);
                } else {
                    disk.read(ByteBuffer.wrap(bytes), at);
                    assertThat(bytes).isEqualTo(java.util.Arrays.copyOfRange(expected, at, at + bytes.length));
                }
            }
            disk.flush();
        }
        stop();
        assertThat(Files.readAllBytes(raw)).isEqualTo(expected);
    }

    @Test
    void anOldServerIsUsedToo() throws IOException, InterruptedException {
        NbdUri uri = nbdkit("--no-sr", "--mask-handshake=0", "file", raw.toString());
        assertThatThrownBy(() -> NbdDevice.open(uri))
                .isInstanceOf(NbdException.class)
                .hasMessageContaining("not fixed");
        stop();
        Files.deleteIfExists(socket());
        try (NbdDevice disk = NbdDevice.open(nbdkit("--no-sr", "--mask-handshake=1", "file", raw.toString()))) {
            assertThat(disk.extentAt(7 * MIB).kind()).isEqualTo(ExtentKind.DATA);
            Capture.of(disk).to(image());
        }
        assertIsImageOfDisk();
    }

    @Test
    void whatCannotBeReadIsSkippedExactly() throws IOException, InterruptedException {
        NbdUri uri = nbdkit(
                "eval",
                "get_size=echo 1M",
                "pread=if [ $4 -le 81920 ] && [ $(($4+$3)) -gt 81920 ]; "
                        + "then echo EIO bad >&2; exit 1; fi; dd if=/dev/zero bs=$3 count=1 2>/dev/null | tr '\\0' x");
        try (NbdDevice disk = NbdDevice.open(uri)) {
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(MIB), 0))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("(error 5)");
            CaptureReport report = Capture.of(disk)
                    .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 0))
                    .to(image());
            assertThat(report.unreadable()).hasSize(1).allSatisfy(range -> {
                assertThat(range.offset()).isEqualTo(81_920);
                assertThat(range.length()).isEqualTo(512);
                assertThat(range.osError()).isEqualTo(5);
            });
        }
    }

    @Test
    void aServerThatGoesAndComesIsReadOnAndIsNotWrittenOn() throws IOException, InterruptedException {
        try (NbdDevice disk =
                NbdDevice.open(qemu(raw, "raw"), NbdOptions.defaults().writable())) {
            disk.read(ByteBuffer.allocate(MIB), 0);
            stop();
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(MIB), 0)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> disk.read(ByteBuffer.allocate(MIB), 0)).isInstanceOf(IOException.class);
            Files.deleteIfExists(socket());
            qemu(raw, "raw");
            disk.read(ByteBuffer.allocate(MIB), 0);
            disk.write(ByteBuffer.allocate(512), 0);
            stop();
            assertThatThrownBy(disk::flush).isInstanceOf(IOException.class);
            Files.deleteIfExists(socket());
            qemu(raw, "raw");
            assertThatThrownBy(() -> disk.write(ByteBuffer.allocate(512), 0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("lost");
            assertThatThrownBy(disk::flush).isInstanceOf(IOException.class);
        }
    }

    /** One read of five fails at random: what is tried again comes in the end. */
    @Test
    void aServerThatFailsNowAndThenIsCaptured() throws IOException, InterruptedException {
        NbdUri uri = nbdkit("--filter=error", "file", raw.toString(), "error-pread-rate=20%");
        try (NbdDevice disk = NbdDevice.open(uri)) {
            Capture.of(disk)
                    .options(options -> options.onReadError(ReadErrorPolicy.RETRY, 100))
                    .to(image());
        }
        assertIsImageOfDisk();
    }

    @Test
    void aCaptureWhoseServerDiesIsResumedWithTheNextOne() throws IOException, InterruptedException {
        byte[] large = new byte[128 * MIB]; // much more than is read ahead
        new Random(2).nextBytes(large);
        Files.write(raw, large);
        ImageOptions options =
                ImageOptions.builder().checkpointInterval(1 << 20).build();
        try (NbdDevice disk = NbdDevice.open(nbdkit("file", raw.toString()));
                ImageWriter writer = ImageWriter.create(image(), DiskGeometry.of(disk), options)) {
            BlockDevice mortal = new DeviceView(disk) {
                @Override
                public void read(ByteBuffer target, long diskOffset) throws IOException {
                    if (diskOffset > 100 * MIB && diskOffset < 110 * MIB) { // where no partition table is looked for
                        servers.forEach(Process::destroyForcibly);
                    }
                    super.read(target, diskOffset);
                }
            };
            assertThatThrownBy(() -> Capture.of(mortal)
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("server.sock");
        }
        assertThat(ImageWriter.canResume(image())).isTrue();
        stop();
        Files.deleteIfExists(socket());
        try (NbdDevice disk = NbdDevice.open(nbdkit("file", raw.toString()));
                ImageWriter writer = ImageWriter.resume(image(), options)) {
            assertThat(writer.position()).isPositive();
            Capture.of(disk).options(CaptureOptions.everything()).to(writer);
        }
        assertIsImageOfDisk();
    }
}
