package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.testkit.BlockDeviceContract;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayFileTest implements BlockDeviceContract {
    private static final String IDENTITY = "image 0123";
    private static final int HEADER = 4096;

    @TempDir
    Path directory;

    private final Random random = new Random(1);
    private int number;

    @Override
    public BlockDevice deviceOf(byte[] content) throws IOException {
        return OverlayFile.create(directory.resolve("overlay" + number++), MemoryDevice.over(content), IDENTITY);
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] all(BlockDevice device) throws IOException {
        ByteBuffer target = ByteBuffer.allocate((int) device.size());
        device.read(target, 0);
        return target.array();
    }

    @Test
    void whatWasWrittenIsThereAgainAndWhatIsBelowStays() throws IOException {
        byte[] below = noise(1_000_001);
        byte[] before = below.clone();
        byte[] expected = below.clone();
        Path file = directory.resolve("overlay");
        for (int session = 0; session < 5; session++) {
            try (OverlayFile overlay = OverlayFile.openOrCreate(file, MemoryDevice.over(below), IDENTITY)) {
                assertThat(all(overlay)).isEqualTo(expected);
                for (int write = 0; write < 20; write++) {
                    byte[] bytes = noise(1 + random.nextInt(30_000));
                    int at = random.nextInt(expected.length - bytes.length);
                    if (write % 5 == 0) {
                        overlay.discard(at, bytes.length);
                        bytes = new byte[bytes.length];
                    } else {
                        overlay.write(ByteBuffer.wrap(bytes), at);
                    }
                    System.arraycopy(bytes, 0, expected, at, bytes.length);
                }
            }
        }
        assertThat(below).isEqualTo(before);
        try (OverlayFile overlay = OverlayFile.open(file, MemoryDevice.over(below), IDENTITY)) {
            assertThat(all(overlay)).isEqualTo(expected);
            assertThat(overlay.changes().bytes()).isBetween(1L, 1_000_001L);
            assertThat(overlay.unwrap(OverlayDevice.class)).isPresent();
        }
    }

    /** The file as it is after each flush, as a machine finds it that lost power afterwards. */
    @Test
    void whatWasFlushedIsThereWithoutAClose() throws IOException {
        byte[] below = noise(300_000);
        byte[] expected = below.clone();
        Path file = directory.resolve("overlay");
        try (OverlayFile overlay = OverlayFile.create(file, MemoryDevice.over(below), IDENTITY)) {
            for (int round = 0; round < 10; round++) {
                byte[] bytes = noise(10_000);
                int at = random.nextInt(expected.length - bytes.length);
                overlay.write(ByteBuffer.wrap(bytes), at);
                System.arraycopy(bytes, 0, expected, at, bytes.length);
                overlay.flush();
                Path copy = directory.resolve("copy" + round);
                Files.copy(file, copy);
                try (OverlayFile found = OverlayFile.open(copy, MemoryDevice.over(below), IDENTITY)) {
                    assertThat(all(found)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void itIsRefusedOverAnythingElse() throws IOException {
        Path file = directory.resolve("overlay");
        BlockDevice below = MemoryDevice.ofSize(100_000);
        OverlayFile.create(file, below, IDENTITY).close();
        assertThatThrownBy(() -> OverlayFile.open(file, below, "image 4567"))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("image 0123")
                .hasMessageContaining("image 4567");
        assertThatThrownBy(() -> OverlayFile.open(file, MemoryDevice.ofSize(100_001), IDENTITY))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("100000");
        assertThatThrownBy(() -> OverlayFile.create(file, below, IDENTITY))
                .isInstanceOf(FileAlreadyExistsException.class);
        try (OverlayFile open = OverlayFile.open(file, below, IDENTITY)) {
            assertThat(open.isWritable()).isTrue();
            assertThatThrownBy(() -> OverlayFile.open(file, below, IDENTITY)).isInstanceOf(IOException.class);
        }
        Path other = directory.resolve("other");
        Files.write(other, noise(20_000));
        assertThatThrownBy(() -> OverlayFile.open(other, below, IDENTITY))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("no overlay file");
    }

    @Test
    void aDamagedHeaderIsNamedAtEachByte() throws IOException {
        Path file = directory.resolve("overlay");
        OverlayFile.create(file, MemoryDevice.ofSize(100_000), IDENTITY).close();
        byte[] sound = Files.readAllBytes(file);
        for (int at = 0; at < HEADER; at += at < 80 || at > HEADER - 8 ? 1 : 97) {
            byte[] damaged = sound.clone();
            damaged[at] ^= 4;
            Files.write(file, damaged);
            assertThatThrownBy(() -> OverlayFile.open(file, MemoryDevice.ofSize(100_000), IDENTITY))
                    .as("byte " + at)
                    .isInstanceOf(ImageFormatException.class);
        }
        byte[] pastTheEnd = sound.clone();
        pastTheEnd[HEADER + 4] = 1;
        Files.write(file, pastTheEnd);
        assertThatThrownBy(() -> OverlayFile.open(file, MemoryDevice.ofSize(100_000), IDENTITY))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("cell 32");
    }

    @Test
    void anOverlayOfALargeDiskIsSmallAndOpensAtOnce() throws IOException {
        Path file = directory.resolve("overlay");
        BlockDevice below = new SparseDevice(1L << 40);
        try (OverlayFile overlay = OverlayFile.create(file, below, IDENTITY)) {
            overlay.write(ByteBuffer.wrap(noise(5000)), (1L << 39) + 100);
        }
        try (OverlayFile overlay = OverlayFile.open(file, below, IDENTITY)) {
            assertThat(overlay.changeAt((1L << 39) + 100).isChanged()).isTrue();
            assertThat(overlay.changeAt(0)).isEqualTo(new OverlayDevice.Change(1L << 39, false));
            assertThat(overlay.changes().bytes()).isEqualTo(8192);
        }
    }

    @Test
    void afterItIsClosedNothingIsWritten() throws IOException {
        OverlayFile overlay = OverlayFile.create(directory.resolve("overlay"), MemoryDevice.ofSize(100_000), IDENTITY);
        overlay.write(ByteBuffer.allocate(1), 0);
        overlay.close();
        assertThatThrownBy(() -> overlay.write(ByteBuffer.allocate(1), 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(overlay::flush).isInstanceOf(IOException.class);
        overlay.close();
    }
}
