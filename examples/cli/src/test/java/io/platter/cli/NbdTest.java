package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.ImageReader;
import io.platter.block.OverlayFile;
import io.platter.nbd.NbdDevice;
import io.platter.nbd.NbdException;
import io.platter.nbd.NbdExport;
import io.platter.nbd.NbdOptions;
import io.platter.nbd.NbdUri;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a server of disks, and as a client of one. */
@Timeout(300)
class NbdTest {
    private static final int MIB = 1 << 20;

    private static final String URI = "'nbd+unix:///?socket=nbd.sock'";

    /** Waits until the server answers. */
    private static final String UP =
            "until nbdinfo --size " + URI + " >/dev/null 2>&1; do kill -0 $server || exit 99; sleep 0.05; done\n";

    @TempDir
    Path directory;

    private final byte[] disk = new byte[16 * MIB];

    @BeforeEach
    void capture() throws IOException {
        Random random = new Random(2);
        byte[] noise = new byte[5 * MIB];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, disk, 3 * MIB, noise.length);
        Files.write(directory.resolve("disk.img"), disk);
        Oracle.of("sfdisk")
                .runWithInput("label: gpt\nstart=2048, size=8192, name=data\n", directory.resolve("disk.img"));
        System.arraycopy(Files.readAllBytes(directory.resolve("disk.img")), 0, disk, 0, disk.length);
        run("platter capture -q --all disk.img disk.plt");
    }

    private ProgramProcess run(String script) throws IOException {
        ProgramProcess run = ProgramProcess.ofScript(directory, "C.UTF-8", "set -e\n" + script);
        assertThat(run.exitCode()).as(run.text() + run.errors()).isZero();
        return run;
    }

    @Test
    void anImageIsServedUntilASignalAndSaysHowToConnect() throws IOException {
        Oracle.of("nbdinfo");
        ProgramProcess run = run("platter serve nbd --socket nbd.sock disk.plt > said & server=$!\n" + UP
                + "nbdcopy " + URI + " copy.img; nbdinfo --list " + URI
                + "; nbdcopy 'nbd+unix:///partition-1?socket=nbd.sock' part.img\n"
                + "pkill -INT -P $server; wait $server; [ ! -e nbd.sock ]; cat said");
        assertThat(Files.readAllBytes(directory.resolve("copy.img"))).isEqualTo(disk);
        assertThat(Files.readAllBytes(directory.resolve("part.img"))).isEqualTo(Arrays.copyOfRange(disk, MIB, 5 * MIB));
        assertThat(run.text())
                .contains("serving disk.plt at nbd+unix:///?socket=", "qemu-system-x86_64")
                .contains("\"image-1\"", "\"partition-1\"");
    }

    @Test
    void aServedDiskIsASourceAndATarget() throws IOException {
        Oracle.of("qemu-nbd");
        run("""
                truncate -s 16M target.img
                qemu-nbd -t -k $PWD/nbd.sock -f raw target.img & server=$!
                %s
                platter restore -q disk.plt %s && exit 1 || [ $? = 2 ]
                platter restore -q --force disk.plt %s
                platter capture -q %s second.plt
                platter verify -q --disk %s disk.plt
                platter convert -q --from raw %s out.qcow2
                kill $server; wait $server || true
                qemu-img compare -f raw -F raw disk.img target.img
                qemu-img compare -f raw -F qcow2 disk.img out.qcow2
                """.formatted(UP, URI, URI, URI, URI, URI));
    }

    @Test
    void whatAGuestWroteIsTheNextImage() throws IOException {
        Oracle.of("qemu-io");
        run("""
                platter serve nbd -q --socket nbd.sock --writable changes disk.plt & server=$!
                %s
                qemu-io -f raw -c 'write -P 9 6M 3M' -c 'discard 3M 1M' -c flush %s > /dev/null
                qemu-img convert -f raw -O raw %s expected.img
                id=$(platter capture --all --append %s disk.plt | sed 's/.*, id \\([0-9a-f]*\\).*/\\1/')
                pkill -INT -P $server; wait $server
                platter restore -q --image $id disk.plt second.img
                cmp expected.img second.img
                platter restore -q --image zzz disk.plt third.img && exit 1 || [ $? = 2 ]
                platter restore -q --image 1 disk.plt first.img
                cmp disk.img first.img
                platter serve nbd --socket nbd.sock --writable changes disk.plt 2> refused && exit 1 || [ $? = 1 ]
                grep -q 'to lie over image' refused
                """.formatted(UP, URI, URI, URI));
    }

    /** As a client and as a converter, another program sees the disk that was captured. */
    @Test
    void anImageOfARepositoryIsServed() throws IOException {
        Oracle.of("qemu-img");
        ProgramProcess run = run("""
                platter repository init repository > /dev/null
                platter repository capture -q --all --name web repository disk.img
                head -c 1M /dev/zero | platter repository capture -q --name other repository -
                platter serve nbd --image web --socket nbd.sock repository > said & server=$!
                %s
                qemu-img compare -f raw -F raw disk.img %s
                nbdcopy 'nbd+unix:///image-1?socket=nbd.sock' copy.img
                pkill -INT -P $server; wait $server
                cmp disk.img copy.img
                platter convert -q --image web repository out.qcow2
                qemu-img compare -f raw -F qcow2 disk.img out.qcow2
                platter convert -q --image other repository other.qcow2
                qemu-img compare -q -f raw -F qcow2 disk.img other.qcow2 && exit 1 || [ $? = 1 ]
                cat said
                """.formatted(UP, URI));
        assertThat(run.text()).contains("serving web of ");
    }

    @Test
    void wrongAddressesAreNamed() throws IOException {
        for (String address : new String[] {"nbd://127.0.0.1:1/x", "nbd+unix:///x", "nbd+unix:///x?socket=none"}) {
            ProgramProcess run =
                    ProgramProcess.ofScript(directory, "C.UTF-8", "platter capture '" + address + "' out.plt; echo $?");
            assertThat(run.text()).as(address).matches("[23]\n");
            assertThat(run.errors()).contains(address);
        }
    }

    private static NbdDevice connect(Process server, NbdUri uri) throws InterruptedException, IOException {
        while (true) {
            try {
                return NbdDevice.open(uri, NbdOptions.defaults().writable());
            } catch (NbdException e) {
                if (!server.isAlive()) {
                    throw e;
                }
                Thread.sleep(5);
            }
        }
    }

    /** All that was flushed is there, whenever the server is killed; and the image is as it was. */
    @Test
    void aKilledServerKeepsWhatWasFlushed() throws IOException, InterruptedException {
        Path image = directory.resolve("disk.plt");
        byte[] before = Files.readAllBytes(image);
        byte[] expected = disk.clone();
        Random random = new Random(3);
        Path overlayFile = directory.resolve("overlay");
        for (int kill = 0; kill < 50; kill++) {
            Path socket = directory.resolve("socket" + kill);
            Process server = new ProcessBuilder(ProgramProcess.command(
                            "serve",
                            "nbd",
                            "--socket",
                            socket.toString(),
                            "--writable",
                            overlayFile.toString(),
                            image.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            byte[] unflushed = expected.clone();
            try (NbdDevice guest = connect(server, NbdUri.unix(socket, ""))) {
                Thread killer = new Thread(() -> {
                    try {
                        Thread.sleep(random.nextInt(120));
                    } catch (InterruptedException e) {
                        return;
                    }
                    server.destroyForcibly();
                });
                killer.start();
                while (true) {
                    byte[] bytes = new byte[1 + random.nextInt(20_000)];
                    int at = random.nextInt(disk.length - bytes.length);
                    random.nextBytes(bytes);
                    System.arraycopy(bytes, 0, unflushed, at, bytes.length);
                    guest.write(ByteBuffer.wrap(bytes), at);
                    if (random.nextInt(4) == 0) {
                        guest.flush();
                        System.arraycopy(unflushed, 0, expected, 0, expected.length);
                    }
                }
            } catch (IOException e) {
                // The server is dead.
            }
            server.destroyForcibly().waitFor();
            try (ImageReader images = ImageReader.open(image);
                    OverlayFile overlay = OverlayFile.open(
                            overlayFile,
                            NbdExport.of("", images.newestImage()).device(),
                            "image " + images.newestImage().info().id())) {
                ByteBuffer found = ByteBuffer.allocate(disk.length);
                overlay.read(found, 0);
                for (int at = 0; at < disk.length; at++) {
                    // A write that was not flushed may be there, or not.
                    if (found.get(at) != expected[at]) {
                        assertThat(found.get(at)).as("byte " + at).isEqualTo(unflushed[at]);
                        expected[at] = unflushed[at];
                    }
                }
            }
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }
}
