package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileDeviceInterruptTest {
    private static final int READERS = 8;
    private final byte[] content = new byte[3_000_001];

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        new Random(20).nextBytes(content);
        file = Files.write(directory.resolve("file"), content);
    }

    @Test
    void anInterruptedThreadReadsOnAndKeepsItsInterrupt() throws IOException {
        try (FileDevice device = FileDevice.open(file, OpenMode.READ)) {
            Thread.currentThread().interrupt();
            assertThat(read(device, 1000, 2_000_000)).isEqualTo(slice(1000, 2_000_000));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read(device, 0, 10)).isEqualTo(slice(0, 10));
        }
    }

    @Test
    void theOthersReadOnWhenOneIsInterrupted() throws Exception {
        CountDownLatch started = new CountDownLatch(READERS);
        CountDownLatch interrupted = new CountDownLatch(1);
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        try (FileDevice device = FileDevice.open(file, OpenMode.READ)) {
            List<Future<?>> reads = new ArrayList<>();
            for (int reader = 0; reader < READERS; reader++) {
                long seed = reader;
                reads.add(readers.submit(() -> {
                    Random random = new Random(seed);
                    started.countDown();
                    for (int left = 200; left > 0; left -= interrupted.getCount() == 0 ? 1 : 0) {
                        int from = random.nextInt(content.length);
                        int length = Math.min(1 + random.nextInt(300_000), content.length - from);
                        assertThat(read(device, from, length)).isEqualTo(slice(from, length));
                        if (seed == 0) {
                            Thread.currentThread().interrupt();
                            interrupted.countDown();
                        }
                    }
                    return null;
                }));
            }
            started.await();
            for (Future<?> read : reads) {
                read.get();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    @Test
    void whatReadsAfterTheEndOfADeviceSaysThatItIsClosed() throws IOException {
        FileDevice reading = FileDevice.open(file, OpenMode.READ);
        FileDevice writing = FileDevice.open(file, OpenMode.WRITE);
        reading.close();
        writing.close();
        for (FileDevice device : List.of(reading, writing)) {
            assertThatThrownBy(() -> read(device, 0, 512)).isInstanceOf(ClosedChannelException.class);
        }
        assertThatThrownBy(() -> writing.write(ByteBuffer.allocate(512), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(writing::flush).isInstanceOf(ClosedChannelException.class);
    }

    private static byte[] read(FileDevice device, int from, int length) throws IOException {
        ByteBuffer bytes = from % 2 == 0 ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
        device.read(bytes, from);
        byte[] result = new byte[length];
        bytes.flip().get(result);
        return result;
    }

    private byte[] slice(int from, int length) {
        return java.util.Arrays.copyOfRange(content, from, from + length);
    }
}
