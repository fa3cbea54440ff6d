package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.MemoryDevice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a capture reads the disk ahead. */
class ReadAheadTest {
    private static final int MIB = 1 << 20;

    /** A disk that needs its time to answer, but answers several at once. */
    private static class SlowDisk implements BlockDevice {
        private final BlockDevice bytes;
        private final int millis;
        private final AtomicInteger reading = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        SlowDisk(BlockDevice bytes, int millis) {
            this.bytes = bytes;
            this.millis = millis;
        }

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public long size() {
            return bytes.size();
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public int physicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            most.accumulateAndGet(reading.incrementAndGet(), Math::max);
            try {
                if (target.remaining() >= MIB) {
                    Thread.sleep(millis);
                }
                bytes.read(target, diskOffset);
            } catch (InterruptedException e) {
                throw new AssertionError("a reader was interrupted", e);
            } finally {
                reading.decrementAndGet();
            }
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) throws IOException {
            throw new DeviceException(name(), "write", diskOffset, 0, "read-only", null);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** Bytes that are cheap to hash: a few blocks over and over. */
    private static byte[] content(int mebibytes) {
        byte[] piece = new byte[MIB];
        new Random(1).nextBytes(piece);
        byte[] content = new byte[mebibytes * MIB];
        for (int at = 0; at < content.length; at += MIB) {
            System.arraycopy(piece, 0, content, at, MIB);
        }
        return content;
    }

    private static byte[] capture(BlockDevice disk) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        try (ImageWriter writer = ImageWriter.create(
                Channels.newChannel(image),
                DiskGeometry.of(disk),
                ImageOptions.builder().build())) {
            Capture.of(disk).to(writer);
        }
        return image.toByteArray();
    }

    @Test
    void aDiskThatAnswersSlowlyIsReadSeveralPiecesAtATimeAndGivesTheSameImage() throws IOException {
        BlockDevice fast = MemoryDevice.over(content(320));
        SlowDisk slow = new SlowDisk(fast, 20);
        byte[] image = capture(slow);
        assertThat(slow.most.get()).isGreaterThan(1);
        assertThat(image).isEqualTo(capture(fast));
    }

    @Test
    void aFailureOfTheDiskEndsTheCaptureAndAllReaders() throws IOException {
        BlockDevice bytes = MemoryDevice.over(content(64));
        SlowDisk broken = new SlowDisk(bytes, 1) {
            @Override
            public void read(ByteBuffer target, long diskOffset) throws IOException {
                if (diskOffset >= 20L * MIB) {
                    throw new DeviceException(name(), "read", diskOffset, 5, "broken", null);
                }
                super.read(target, diskOffset);
            }
        };
        assertThatThrownBy(() -> capture(broken))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("broken");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("platter-"));
    }
}
