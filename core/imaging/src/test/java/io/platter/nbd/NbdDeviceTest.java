package io.platter.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.MemoryDevice;
import io.platter.testkit.BlockDeviceContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk of our own server is a disk. */
@Timeout(120)
class NbdDeviceTest implements BlockDeviceContract {
    @TempDir
    Path directory;

    private int number;

    /** A disk that takes its server with it. */
    private static final class ServedDisk extends DeviceView {
        private final NbdServer server;

        ServedDisk(NbdDevice disk, NbdServer server) {
            super(disk);
            this.server = server;
        }

        @Override
        public void zero(long diskOffset, long length) throws IOException {
            device().zero(diskOffset, length);
        }

        @Override
        public boolean discard(long diskOffset, long length) throws IOException {
            return device().discard(diskOffset, length);
        }

        @Override
        public io.platter.block.Extent extentAt(long diskOffset) throws IOException {
            return device().extentAt(diskOffset);
        }

        @Override
        public void close() throws IOException {
            device().close();
            server.close();
        }
    }

    @Override
    public BlockDevice deviceOf(byte[] content) throws IOException {
        NbdServer server = NbdServer.builder()
                .listen(directory.resolve("socket" + number++))
                .export(NbdExport.of("disk", MemoryDevice.over(content)).writable())
                .start();
        return new ServedDisk(
                NbdDevice.open(server.uri("disk"), NbdOptions.defaults().writable()), server);
    }

    /** Each read waits for three others: one connection has that many on their way, and they are answered side by side. */
    @Test
    void piecesOfALongReadAreOnTheirWayTogether() throws IOException {
        CyclicBarrier four = new CyclicBarrier(4);
        byte[] content = new byte[8 << 20];
        new Random(1).nextBytes(content);
        BlockDevice patient = new DeviceView(MemoryDevice.over(content)) {
            @Override
            public void read(ByteBuffer target, long diskOffset) throws IOException {
                try {
                    four.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new IOException(e);
                }
                super.read(target, diskOffset);
            }
        };
        try (NbdServer server = NbdServer.builder()
                        .export(NbdExport.of("disk", patient))
                        .threads(4)
                        .start();
                NbdDevice disk = NbdDevice.open(server.uri("disk"))) {
            ByteBuffer found = ByteBuffer.allocate(content.length);
            disk.read(found, 0);
            assertThat(found.array()).isEqualTo(content);
        }
    }

    @Test
    void whatCannotBeOpenedIsNamed() throws IOException {
        Path nowhere = directory.resolve("nowhere");
        assertThatThrownBy(() -> NbdDevice.open(NbdUri.unix(nowhere, "")))
                .isInstanceOf(NbdException.class)
                .hasMessageContaining("can't be reached");
        assertThatThrownBy(() -> NbdDevice.open(NbdUri.tcp("127.0.0.1", 1, "")))
                .isInstanceOf(NbdException.class)
                .hasMessageContaining("nbd://127.0.0.1:1/");
        try (NbdServer server = NbdServer.builder()
                .export(NbdExport.of("disk", MemoryDevice.ofSize(1 << 20)))
                .export(NbdExport.of("other", MemoryDevice.ofSize(1 << 20)))
                .start()) {
            assertThatThrownBy(() -> NbdDevice.open(server.uri("third")))
                    .isInstanceOf(NbdException.class)
                    .hasMessageContaining("no such export")
                    .hasMessageContaining("third");
            assertThatThrownBy(() -> NbdDevice.open(
                            server.uri("disk"), NbdOptions.defaults().writable()))
                    .isInstanceOf(NbdException.class)
                    .hasMessageContaining("for reading only");
            assertThatThrownBy(() -> NbdDevice.open(server.uri("disk").underTls()))
                    .isInstanceOf(NbdException.class)
                    .hasMessageContaining("TLS is refused");
        }
    }

    @Test
    void addressesAreReadAndWritten() {
        for (String text : new String[] {
            "nbd://host/",
            "nbd://host/disk",
            "nbd://[::1]:10810/a%20b",
            "nbds://host:1/%C3%A4",
            "nbd+unix:///?socket=/run/a%20b",
            "nbds+unix:///disk?socket=/run/nbd.sock"
        }) {
            assertThat(NbdUri.parse(text)).hasToString(text);
        }
        assertThat(NbdUri.parse("nbd://host")).isEqualTo(NbdUri.tcp("host", NbdUri.DEFAULT_PORT, ""));
        assertThat(NbdUri.parse("nbd://host/a%2Fb").export()).isEqualTo("a/b");
        for (String text : new String[] {
            "http://host/", "nbd:host", "nbd+unix:///x", "nbd://host/?a=b", "nbd://", "nbd+unix:///x?socket=/a&b=c"
        }) {
            assertThatThrownBy(() -> NbdUri.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(text);
        }
    }
}
