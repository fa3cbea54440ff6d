package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.RestoreReport;
import io.platter.job.TargetRefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One image that is read once and goes to several disks. */
@Timeout(60)
class RestoreToAllTest {
    private static final int SIZE = 20 << 20;

    private final byte[] content = new byte[SIZE];
    private final byte[] file;

    RestoreToAllTest() throws IOException {
        new Random(9).nextBytes(content);
        Arrays.fill(content, 5 << 20, 7 << 20, (byte) 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageWriter writer =
                ImageWriter.create(Channels.newChannel(out), DiskGeometry.ofSize(SIZE), ImageOptions.defaults())) {
            Capture.of(MemoryDevice.over(content)).to(writer);
        }
        file = out.toByteArray();
    }

    private ImageReader open() throws IOException {
        return ImageReader.open(new ByteArrayChannel(file));
    }

    /** Fails when it is written at an offset or after it. */
    private static final class FailingDisk extends DeviceView {
        private final long from;

        FailingDisk(long from) {
            super(MemoryDevice.ofSize(SIZE));
            this.from = from;
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) throws IOException {
            // The first and the last MiB are wiped first.
            if (diskOffset >= from && diskOffset < SIZE - (1 << 20)) {
                throw new DeviceException("failing", "write", diskOffset, 5, "Input/output error", null);
            }
            super.write(source, diskOffset);
        }
    }

    @Test
    void eachDiskIsCompleteOrSaysWhyItIsNot() throws IOException {
        byte[] first = new byte[SIZE];
        byte[] last = new byte[SIZE + 4096];
        Arrays.fill(first, (byte) 1);
        List<BlockDevice> disks = List.of(
                MemoryDevice.over(first),
                new FailingDisk(8 << 20),
                MemoryDevice.ofSize(SIZE - 512),
                MemoryDevice.over(file.clone()),
                MemoryDevice.over(last));
        try (ImageReader reader = open()) {
            List<Restore.Outcome> outcomes = Restore.of(reader.newestImage()).toAll(disks);
            assertThat(outcomes).extracting(Restore.Outcome::disk).isEqualTo(disks);
            assertThat(outcomes)
                    .extracting(outcome -> outcome.report().isPresent())
                    .containsExactly(true, false, false, false, true);
            assertThat(outcomes.get(1).failure().orElseThrow()).isInstanceOf(DeviceException.class);
            assertThat(outcomes.get(2).failure().orElseThrow()).isInstanceOf(IllegalArgumentException.class);
            assertThat(outcomes.get(3).failure().orElseThrow()).isInstanceOf(TargetRefusedException.class);
            RestoreReport report = outcomes.get(0).report().orElseThrow();
            assertThat(report.diskSize()).isEqualTo(SIZE);
            // Read once for all: the file has little besides the frames.
            assertThat(report.bytesRead()).isLessThanOrEqualTo(file.length);
        }
        assertThat(first).isEqualTo(content);
        assertThat(Arrays.copyOf(last, SIZE)).isEqualTo(content);
    }

    @Test
    void aDiskThatIsGivenTwiceIsRefusedTheSecondTime() throws IOException {
        BlockDevice disk = MemoryDevice.ofSize(SIZE);
        try (ImageReader reader = open()) {
            List<Restore.Outcome> outcomes = Restore.of(reader.newestImage()).toAll(List.of(disk, disk));
            assertThat(outcomes.get(0).report()).isPresent();
            assertThat(outcomes.get(1).failure().orElseThrow())
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContaining("in common");
        }
    }

    @Test
    void whenAllFailTheImageIsNotReadToItsEnd() throws IOException {
        try (ImageReader reader = open()) {
            List<Restore.Outcome> outcomes = Restore.of(reader.newestImage())
                    .control(control -> control.threads(1))
                    .toAll(List.of(new FailingDisk(2 << 20), new FailingDisk(3 << 20)));
            assertThat(outcomes).allMatch(outcome -> outcome.report().isEmpty());
            assertThat(Restore.of(reader.newestImage()).toAll(List.of())).isEmpty();
        }
    }
}
