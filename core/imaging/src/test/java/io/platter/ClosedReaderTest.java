package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.image.ImageExtent;
import io.platter.image.ImageOptions;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClosedReaderTest {
    private static final int READERS = 8;
    private final ModelDisk disk = ModelDisk.random(20, 3_000_000);

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = directory.resolve("image");
        Files.write(file, disk.toImage(ImageOptions.builder().build()));
    }

    private static void read(Image image, long diskOffset, byte[] target) throws IOException {
        image.read(ByteBuffer.wrap(target), diskOffset);
    }

    @Test
    void theOtherThreadsReadOnWhenOneIsInterrupted() throws Exception {
        CountDownLatch started = new CountDownLatch(READERS);
        CountDownLatch interrupted = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(READERS);
        try (ImageReader reader = ImageReader.open(file)) {
            Image image = reader.newestImage();
            List<Future<?>> readers = new ArrayList<>();
            for (int number = 0; number < READERS; number++) {
                int seed = number;
                readers.add(threads.submit(() -> {
                    Random random = new Random(seed);
                    started.countDown();
                    for (int left = 60; left > 0; left -= interrupted.getCount() == 0 ? 1 : 0) {
                        byte[] found = new byte[1 + random.nextInt(50_000)];
                        int from = random.nextInt(disk.bytes().length - found.length);
                        read(image, from, found);
                        assertSame(found, from);
                        if (seed == 0) {
                            Thread.currentThread().interrupt();
                            interrupted.countDown();
                        }
                    }
                    return null;
                }));
            }
            started.await();
            for (Future<?> each : readers) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anInterruptedThreadReadsOnAndKeepsItsInterrupt() throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Thread.currentThread().interrupt();
            byte[] found = new byte[disk.bytes().length];
            read(reader.newestImage(), 0, found);
            assertThat(Thread.interrupted()).isTrue();
            assertSame(found, 0);
        }
    }

    /** UNUSED and UNREADABLE read as zeros, and so they stand in the model. */
    private void assertSame(byte[] found, int from) {
        assertThat(found).isEqualTo(java.util.Arrays.copyOfRange(disk.bytes(), from, from + found.length));
    }

    @Test
    void everythingThatReadsSaysThatItIsClosedWhateverIsCached() throws IOException {
        assertAllClosed(ImageReader.open(file), false);
        assertAllClosed(ImageReader.open(file), true);
        assertAllClosed(ImageReader.open(new ByteArrayChannel(Files.readAllBytes(file))), false);
        assertAllClosed(ImageReader.open(new ByteArrayChannel(Files.readAllBytes(file))), true);
    }

    private void assertAllClosed(ImageReader reader, boolean cached) throws IOException {
        Image image = reader.newestImage();
        BlockDevice device = image.asDevice();
        SeekableByteChannel channel = image.asChannel();
        Iterator<ImageExtent> extents = image.extents().iterator();
        if (cached) {
            read(image, 0, new byte[disk.bytes().length]);
        }
        reader.close();
        reader.close();
        byte[] some = new byte[512];
        List<ThrowingCallable> calls = List.of(
                reader::newestImage,
                reader::unfinishedImage,
                () -> reader.image(1),
                image::info,
                image::extents,
                () -> read(image, 0, some),
                () -> device.read(ByteBuffer.wrap(some), 0),
                () -> device.extentAt(0),
                device::flush,
                () -> device.write(ByteBuffer.wrap(some), 0),
                () -> channel.read(ByteBuffer.wrap(some)),
                channel::position,
                () -> channel.position(3),
                channel::size,
                () -> Restore.of(image).to(new SparseDevice(4 << 20)),
                () -> Verify.of(reader).quick(),
                () -> Verify.of(reader).full(),
                () -> Verify.of(image).differences(new SparseDevice(4 << 20)));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(ClosedChannelException.class);
        }
        assertThatThrownBy(extents::next)
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(ClosedChannelException.class);
        assertThat(channel.isOpen()).isFalse();
        assertThat(image.asDevice().size()).isEqualTo(disk.bytes().length);
    }
}
