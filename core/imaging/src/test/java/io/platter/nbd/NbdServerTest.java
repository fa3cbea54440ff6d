package io.platter.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.block.OverlayFile;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What other programs see of what is served: libnbd's and QEMU's. */
@Timeout(120)
class NbdServerTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private Path raw;
    private Path image;

    /** A disk of 48 MiB: 8 of noise, zeros, 3 of noise from 20 MiB on, zeros. */
    @BeforeEach
    void capture() throws IOException {
        byte[] disk = new byte[48 * MIB];
        Random random = new Random(5);
        byte[] noise = new byte[8 * MIB];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, disk, 0, noise.length);
        System.arraycopy(noise, 100, disk, 20 * MIB, 3 * MIB);
        raw = Files.write(directory.resolve("disk.img"), disk);
        image = directory.resolve("disk.plt");
        Capture.of(raw).to(image);
    }

    private Path socket() {
        return directory.resolve("nbd.sock");
    }

    private NbdServer serve(NbdExport... exports) throws IOException {
        NbdServer.Builder builder = NbdServer.builder().listen(socket());
        for (NbdExport export : exports) {
            builder.export(export);
        }
        return builder.start();
    }

    @Test
    void nbdinfoAndNbdcopyAgreeWithTheImage() throws IOException {
        try (ImageReader images = ImageReader.open(image);
                BlockDevice file = FileDevice.open(raw, OpenMode.READ);
                NbdServer server = serve(
                        NbdExport.of("disk", images.newestImage()).describedAs("the disk"),
                        NbdExport.of("first", file.slice(0, MIB)))) {
            String uri = server.uri("disk").toString();
            assertThat(Oracle.of("nbdinfo").run("--size", uri).strip()).isEqualTo("" + 48 * MIB);
            assertThat(Oracle.of("nbdinfo").run(uri))
                    .contains("newstyle-fixed", "the disk", "is_read_only: true", "can_df: true", "base:allocation")
                    .contains("can_multi_conn: true");
            assertThat(Oracle.of("nbdinfo").run("--list", server.uri("").toString()))
                    .contains("\"disk\"", "\"first\"");
            assertThat(Oracle.of("nbdinfo").run("--map", uri).lines().map(line -> line.replaceAll(" +", " ")
                            .strip()))
                    .containsExactly(
                            "0 8388608 0 data",
                            "8388608 12582912 2 zero",
                            "20971520 3145728 0 data",
                            "24117248 26214400 2 zero");
            Path copy = directory.resolve("copy.img");
            Oracle.of("nbdcopy").run(uri, copy);
            assertThat(copy).hasSameBinaryContentAs(raw);
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void qemuAgreesWithTheImage() throws IOException {
        try (ImageReader images = ImageReader.open(image);
                NbdServer server = serve(NbdExport.of("disk", images.newestImage()))) {
            String uri = server.uri("disk").toString();
            assertThat(Oracle.of("qemu-img").run("compare", "-f", "raw", "-F", "raw", raw, uri))
                    .contains("Images are identical");
            Path converted = directory.resolve("disk.qcow2");
            Oracle.of("qemu-img").run("convert", "-f", "raw", "-O", "qcow2", uri, converted);
            Oracle.of("qemu-img").run("compare", "-f", "raw", "-F", "qcow2", raw, converted);
            assertThat(Oracle.of("qemu-img").run("map", "-f", "raw", "--output=json", uri))
                    .contains("\"start\": 8388608, \"length\": 12582912", "\"zero\": true");
        }
    }

    @Test
    void aGuestWritesToTheOverlayAndTheImageStays() throws IOException {
        byte[] before = Files.readAllBytes(image);
        Path changes = directory.resolve("overlay");
        try (ImageReader images = ImageReader.open(image);
                OverlayFile overlay =
                        OverlayFile.create(changes, images.newestImage().asDevice(), "test");
                NbdServer server = serve(NbdExport.of("disk", overlay).writable())) {
            String uri = server.uri("disk").toString();
            Oracle.of("qemu-io")
                    .run(
                            "-f",
                            "raw",
                            "-c",
                            "write -P 0x5a 1M 3000k",
                            "-c",
                            "write -P 0x33 777 555",
                            "-c",
                            "write -z 10M 64k",
                            "-c",
                            "discard 2M 1M",
                            "-c",
                            "flush",
                            "-c",
                            "read -P 0x5a 1M 1M",
                            "-c",
                            "read -P 0 2M 1M",
                            "-c",
                            "read -P 0x33 777 555",
                            uri);
            assertThat(Oracle.of("nbdinfo").run("--map=qemu:dirty-bitmap:overlay", uri))
                    .contains("dirty");
            assertThat(Oracle.of("nbdinfo").run("--map=qemu:allocation-depth", uri))
                    .contains("local", "backing");
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
        byte[] expected = Files.readAllBytes(raw);
        java.util.Arrays.fill(expected, MIB, MIB + 3000 * 1024, (byte) 0x5a);
        java.util.Arrays.fill(expected, 777, 777 + 555, (byte) 0x33);
        java.util.Arrays.fill(expected, 10 * MIB, 10 * MIB + 65536, (byte) 0);
        java.util.Arrays.fill(expected, 2 * MIB, 3 * MIB, (byte) 0);
        try (ImageReader images = ImageReader.open(image);
                OverlayFile overlay =
                        OverlayFile.open(changes, images.newestImage().asDevice(), "test")) {
            ByteBuffer found = ByteBuffer.allocate(expected.length);
            overlay.read(found, 0);
            assertThat(found.array()).isEqualTo(expected);
        }
    }

    @Test
    void memoryIsServedOverTcp() throws IOException {
        try (NbdServer server = NbdServer.builder()
                .export(NbdExport.of("m", MemoryDevice.ofSize(MIB)).writable())
                .start()) {
            Oracle.of("qemu-io").run("-f", "raw", "-c", "write -P 7 0 1M", "-c", "read -P 7 0 1M", server.uri("m"));
        }
    }
}
