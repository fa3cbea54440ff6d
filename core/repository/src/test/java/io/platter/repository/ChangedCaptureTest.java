package io.platter.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.image.ImageInfo;
import io.platter.image.NoSuchImageException;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares captures that are told what was changed with captures of the whole disk. */
class ChangedCaptureTest {
    private static final int SIZE = 20 << 20;

    @TempDir
    Path directory;

    private Repository repository;
    private Repository other;

    @BeforeEach
    void init() throws IOException {
        repository = Repository.init(directory.resolve("repository"));
        other = Repository.init(directory.resolve("other"));
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
        other.close();
    }

    /** Returns a disk of noise, zeros, patterns and repetitions in pieces of any length. */
    private static byte[] disk(Random random, int size) {
        byte[] bytes = new byte[size];
        for (int at = 0; at < size; ) {
            int length = Math.min(size - at, 1 + random.nextInt(random.nextBoolean() ? 3 << 20 : 50_000));
            change(bytes, at, length, random);
            at += length;
        }
        return bytes;
    }

    private static void change(byte[] bytes, int at, int length, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> Arrays.fill(bytes, at, at + length, (byte) 0);
            case 1 -> Arrays.fill(bytes, at, at + length, (byte) random.nextInt());
            case 2 -> System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
            default -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, at, length);
            }
        }
    }

    private static CaptureReport captureInto(Repository target, byte[] bytes) throws IOException {
        return target.capture("disk", Capture.of(MemoryDevice.over(bytes)));
    }

    private CaptureReport captureChanged(byte[] bytes, ImageInfo earlier, ExtentSet changed) throws IOException {
        return repository.capture("disk", Capture.of(MemoryDevice.over(bytes)).changed(earlier, changed));
    }

    private void checkRestores(byte[] expected) throws IOException {
        BlockDevice restored = MemoryDevice.ofSize(expected.length);
        byte[] found = new byte[expected.length];
        try (ImageReader reader = repository.reader(repository.image("disk"))) {
            Restore.of(reader.newestImage()).to(restored);
        }
        restored.read(ByteBuffer.wrap(found), 0);
        assertThat(Arrays.mismatch(found, expected)).isEqualTo(-1);
    }

    /** The very image is made, whatever was changed, by what reads little of the disk. */
    @Test
    void theImageIsThatOfTheWholeDisk() throws IOException {
        long read = 0;
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            byte[] bytes = disk(random, SIZE + random.nextInt(3) * 12_345);
            ImageInfo earlier = captureInto(repository, bytes).image();
            ExtentSet.Builder changed = ExtentSet.builder();
            int grain = 1 << random.nextInt(17);
            int at = 0;
            while ((at += random.nextInt(12 << 20)) < bytes.length) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 100 : 300_000));
                change(bytes, at, length, random);
                long from = at / grain * (long) grain;
                long to = (at + length + grain - 1) / grain * (long) grain;
                changed.add(from, to - from);
                at = (int) to;
            }
            CaptureReport report = captureChanged(bytes, earlier, changed.build());
            assertThat(report.image().rootHash())
                    .as("seed %s", seed)
                    .isEqualTo(captureInto(other, bytes).image().rootHash());
            assertThat(report.image().statistics().dataBytes())
                    .isEqualTo(other.image("disk").info().statistics().dataBytes());
            read += report.bytesRead();
            checkRestores(bytes);
        }
        assertThat(read).isLessThan(40L * SIZE / 2);
        assertThat(repository.check(true, JobControl.defaults()).isSound()).isTrue();
    }

    @Test
    void ofAnUnchangedDiskNothingIsRead() throws IOException {
        byte[] bytes = disk(new Random(1), SIZE);
        ImageInfo earlier = captureInto(repository, bytes).image();
        long packs = repository.statistics().packBytes();
        CaptureReport report = captureChanged(bytes, earlier, ExtentSet.EMPTY);
        assertThat(report.image().rootHash()).isEqualTo(earlier.rootHash());
        assertThat(report.bytesRead()).isZero();
        assertThat(repository.statistics().packBytes()).isEqualTo(packs);
        checkRestores(bytes);
    }

    @Test
    void littleIsReadAroundARun() throws IOException {
        byte[] bytes = new byte[64 << 20];
        new Random(9).nextBytes(bytes);
        Arrays.fill(bytes, 5 << 20, 50 << 20, (byte) 0);
        ImageInfo earlier = captureInto(repository, bytes).image();
        for (int at : new int[] {0, 3_500_000, 5 << 20, 20 << 20, (50 << 20) - 700, 60 << 20, bytes.length - 1}) {
            bytes[at] ^= 1;
            CaptureReport report = captureChanged(bytes, earlier, ExtentSet.of(at, 1));
            assertThat(report.bytesRead()).as("at %s", at).isBetween(1L, 3L << 20);
            assertThat(report.image().rootHash())
                    .isEqualTo(captureInto(other, bytes).image().rootHash());
            checkRestores(bytes);
            bytes[at] ^= 1;
        }
    }

    @Test
    void aBlockThatEndedBeforeZerosGoesOnInDataThatCameThere() throws IOException {
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[4 << 20];
            random.nextBytes(bytes);
            Arrays.fill(bytes, 1 << 20, 3 << 20, (byte) 0);
            ImageInfo earlier = captureInto(repository, bytes).image();
            for (int at = 1 << 20; at < (1 << 20) + 30_000; at++) {
                bytes[at] = (byte) random.nextInt();
            }
            assertThat(captureChanged(bytes, earlier, ExtentSet.of(1 << 20, 30_000))
                            .image()
                            .rootHash())
                    .as("seed %s", seed)
                    .isEqualTo(captureInto(other, bytes).image().rootHash());
        }
    }

    @Test
    void whatTheListMissesIsMissing() throws IOException {
        byte[] bytes = disk(new Random(2), SIZE);
        ImageInfo earlier = captureInto(repository, bytes).image();
        byte[] then = bytes.clone();
        bytes[9 << 20] ^= 1;
        captureChanged(bytes, earlier, ExtentSet.EMPTY);
        checkRestores(then);
    }

    @Test
    void aDiskThatGrewOrShrankIsCaptured() throws IOException {
        byte[] bytes = disk(new Random(3), SIZE);
        ImageInfo earlier = captureInto(repository, bytes).image();
        byte[] larger = Arrays.copyOf(bytes, SIZE + (3 << 20) + 512);
        Arrays.fill(larger, SIZE, larger.length, (byte) 7);
        CaptureReport grown = captureChanged(larger, earlier, ExtentSet.of(SIZE, larger.length - SIZE));
        assertThat(grown.image().rootHash())
                .isEqualTo(captureInto(other, larger).image().rootHash());
        assertThat(grown.bytesRead()).isLessThan(9 << 20);
        checkRestores(larger);
        byte[] smaller = Arrays.copyOf(bytes, SIZE / 2 + 4321);
        CaptureReport shrunk = captureChanged(smaller, earlier, ExtentSet.EMPTY);
        assertThat(shrunk.image().rootHash())
                .isEqualTo(captureInto(other, smaller).image().rootHash());
        checkRestores(smaller);
    }

    @Test
    void theEarlierImageMayHaveAnotherNameAndBeMovedByACollection() throws IOException {
        CollectOptions atOnce = CollectOptions.defaults().grace(Duration.ZERO);
        byte[] old = disk(new Random(5), SIZE);
        captureInto(repository, old);
        byte[] bytes = disk(new Random(6), SIZE);
        System.arraycopy(old, 0, bytes, 0, SIZE / 8);
        ImageInfo earlier = repository
                .capture("golden", Capture.of(MemoryDevice.over(bytes)))
                .image();
        repository.forget(repository.image("disk"));
        assertThat(repository.collect(atOnce, JobControl.defaults()).bytesMoved())
                .isPositive();
        change(bytes, 11 << 20, 5000, new Random(7));
        CaptureReport report = captureChanged(bytes, earlier, ExtentSet.of(11 << 20, 5000));
        assertThat(report.bytesRead()).isLessThan(SIZE);
        assertThat(report.image().rootHash())
                .isEqualTo(captureInto(other, bytes).image().rootHash());
        repository.collect(atOnce, JobControl.defaults());
        repository.collect(atOnce, JobControl.defaults());
        checkRestores(bytes);
    }

    @Test
    void theEarlierImageMustBeThere() throws IOException {
        byte[] bytes = disk(new Random(8), SIZE);
        ImageInfo elsewhere = captureInto(other, bytes).image();
        assertThatThrownBy(() -> captureChanged(bytes, elsewhere, ExtentSet.EMPTY))
                .isInstanceOf(NoSuchImageException.class)
                .hasMessageContaining("since image " + elsewhere.id())
                .hasMessageContaining("no image is known that is before it");
        assertThat(repository.images()).isEmpty();
        assertThatThrownBy(() -> Capture.of(MemoryDevice.over(bytes))
                        .changed(elsewhere, ExtentSet.EMPTY)
                        .to(directory.resolve("a.platter")))
                .isInstanceOf(NoSuchImageException.class);
        assertThat(directory.resolve("a.platter")).doesNotExist();
    }
}
