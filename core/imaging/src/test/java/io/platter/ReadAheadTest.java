package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageDescription;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a capture reads the disk ahead. */
class ReadAheadTest {
    private static final int MIB = 1 << 20;

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
                ImageOptions.builder()
                        .fileId(FileId.parse("00112233445566778899aabbccddeeff"))
                        .build())) {
            Capture.of(disk)
                    .options(CaptureOptions.everything())
                    .options(options -> options.describedBy(ImageDescription.none()))
                    .to(writer);
        }
        return image.toByteArray();
    }

    @Test
    void aDiskThatAnswersSlowlyIsReadSeveralPiecesAtATimeAndGivesTheSameImage() throws IOException {
        byte[] content = content(320);
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        FaultyDisk slow = new FaultyDisk(content, Set.of()).onContentRead(() -> {
            most.accumulateAndGet(reading.incrementAndGet(), Math::max);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError("a reader was interrupted", e);
            } finally {
                reading.decrementAndGet();
            }
        });
        byte[] image = capture(slow);
        assertThat(most.get()).isGreaterThan(1);
        assertThat(image).isEqualTo(capture(MemoryDevice.over(content)));
    }

    @Test
    void aFailureOfTheDiskEndsTheCaptureAndAllReaders() {
        FaultyDisk broken = new FaultyDisk(content(64), Set.of(20L * MIB / 512));
        assertThatThrownBy(() -> capture(broken))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("Input/output error");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("platter-"));
    }
}
