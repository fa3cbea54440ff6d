package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.block.UnreadableRange;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageOptions;
import io.platter.job.CancellationToken;
import io.platter.job.CaptureOptions;
import io.platter.job.CaptureReport;
import io.platter.job.Phase;
import io.platter.job.Progress;
import io.platter.job.ReadErrorPolicy;
import io.platter.job.RestoreReport;
import io.platter.job.SourceChangedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
    private static final int SIZE = 9_000_000;
    /** Not all of it is read ahead: when what is {@link #LATER}, the sixth piece, is read, the first one was taken. */
    private static final int LARGE = 24_000_000;

    private static final int LATER = 5 * (2 << 20);
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().checkpointInterval(1 << 20).build();

    @TempDir
    Path directory;

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
    }

    private Path image() {
        return directory.resolve("image");
    }

    private static byte[] noise() {
        return noise(SIZE);
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(81).nextBytes(bytes);
        return bytes;
    }

    private ImageWriter create() throws IOException {
        return create(SIZE);
    }

    private ImageWriter create(int size) throws IOException {
        return ImageWriter.create(image(), DiskGeometry.ofSize(size), OPTIONS);
    }

    @Test
    void aChannelThatEndsWhenTheCaptureIsCancelledIsNotTakenForWhole() throws IOException {
        CancellationToken token = new CancellationToken();
        ReadableByteChannel stopped = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                token.cancel();
                return -1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        try (ImageWriter writer = create(-1)) {
            assertThatThrownBy(() -> Capture.of(stopped)
                            .control(control -> control.cancellation(token))
                            .to(writer))
                    .isInstanceOf(CancellationException.class);
        }
        assertThat(image()).doesNotExist();
    }

    @Test
    void aFailureOfTheWriterThatComesAgainIsThatFailure() throws IOException {
        assertThatThrownBy(() -> {
                    try (ImageWriter writer = create()) {
                        writer.property("k".repeat(2000), "v");
                        Capture.of(MemoryDevice.over(noise()))
                                .options(CaptureOptions.everything())
                                .to(writer);
                    }
                })
                .hasMessageContaining("property key of 2000 bytes");
    }

    @Test
    void anImageBegunOnAnotherDiskSaysBothDisksInWords() throws IOException {
        try (ImageWriter writer = create()) {
            writer.data(0, ByteBuffer.wrap(noise(2 << 20)));
            writer.checkpoint();
        }
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThatThrownBy(() -> Capture.of(MemoryDevice.over(noise(SIZE + 512)))
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isInstanceOf(SourceChangedException.class)
                    .hasMessageContaining(
                            "has the geometry 9000512 bytes, sectors of 512, physical ones of 512, the image was"
                                    + " begun on 9000000 bytes, sectors of 512");
        }
    }

    @Test
    void skippedSectorsAreRecordedExactly() throws IOException {
        byte[] disk = noise();
        Set<Long> bad = Set.of(0L, 7L, 8L, 9L, 5000L, SIZE / 512L);
        CaptureReport report;
        try (ImageWriter writer = create()) {
            report = Capture.of(new FaultyDisk(disk, bad))
                    .options(CaptureOptions.everything())
                    .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 1))
                    .to(writer);
        }
        List<UnreadableRange> expected = List.of(
                new UnreadableRange(0, 512, 5),
                new UnreadableRange(3584, 1536, 5),
                new UnreadableRange(2_560_000, 512, 5),
                new UnreadableRange(SIZE / 512 * 512, SIZE % 512, 5));
        assertThat(report.unreadable()).isEqualTo(expected);
        for (UnreadableRange extent : expected) {
            java.util.Arrays.fill(disk, (int) extent.offset(), (int) extent.end(), (byte) 0);
        }
        try (ImageReader reader = ImageReader.open(image())) {
            assertThat(reader.newestImage()
                            .extents()
                            .filter(each -> each.kind() == ImageExtentKind.UNREADABLE)
                            .map(each -> new UnreadableRange(each.offset(), each.length(), each.osError())))
                    .isEqualTo(expected);
            assertThat(Verify.of(reader.newestImage()).differences(MemoryDevice.over(disk)))
                    .isEmpty();
        }
        RestoreReport restored = StreamRestore.of(Channels.newChannel(Files.newInputStream(image())))
                .toNewFile(directory.resolve("restored"));
        assertThat(restored.unreadable()).isEqualTo(expected);
        assertThat(Files.readAllBytes(directory.resolve("restored"))).isEqualTo(disk);
    }

    @Test
    void aReadErrorThatStaysEndsTheCaptureWithACheckpoint() throws IOException {
        byte[] disk = noise();
        for (ReadErrorPolicy policy : List.of(ReadErrorPolicy.ABORT, ReadErrorPolicy.RETRY)) {
            ImageWriter.discardUnfinished(image());
            try (ImageWriter writer = create()) {
                FaultyDisk faulty = new FaultyDisk(disk, Set.of(12_000L));
                assertThatThrownBy(() -> Capture.of(faulty)
                                .options(CaptureOptions.everything())
                                .options(options -> options.onReadError(policy, 2))
                                .to(writer))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("Input/output error");
            }
            assertThat(ImageWriter.canResume(image())).isTrue();
        }
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThat(writer.position()).isGreaterThan(1 << 20);
            Capture.of(new FaultyDisk(disk, Set.of()))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertIsImageOf(disk);
    }

    @Test
    void aReadErrorThatGoesAwayIsRetried() throws IOException {
        byte[] disk = noise();
        Set<Long> bad = new java.util.HashSet<>(Set.of(3000L));
        AtomicInteger reads = new AtomicInteger();
        try (ImageWriter writer = create()) {
            FaultyDisk faulty = new FaultyDisk(disk, bad).onRead(() -> {
                if (reads.incrementAndGet() == 4) {
                    bad.clear();
                }
            });
            assertThat(Capture.of(faulty)
                            .options(CaptureOptions.everything())
                            .to(writer)
                            .unreadable())
                    .isEmpty();
        }
        assertIsImageOf(disk);
    }

    private void assertIsImageOf(byte[] disk) throws IOException {
        try (ImageReader reader = ImageReader.open(image())) {
            Verify.of(reader).control(control -> control.threads(2)).full();
            assertThat(Verify.of(reader.newestImage()).differences(MemoryDevice.over(disk)))
                    .isEmpty();
        }
    }

    @Test
    void aCancelledCaptureIsGoneOnWith() throws IOException {
        byte[] disk = noise(LARGE);
        CancellationToken token = new CancellationToken();
        try (ImageWriter writer = create(LARGE)) {
            FaultyDisk source = new FaultyDisk(disk, Set.of());
            AtomicInteger reads = new AtomicInteger();
            source.onContentRead(() -> {
                if (reads.incrementAndGet() == 6) {
                    token.cancel();
                }
            });
            Capture capture = Capture.of(source)
                    .options(CaptureOptions.everything())
                    .control(control -> control.cancellation(token));
            assertThatThrownBy(() -> capture.to(writer)).isInstanceOf(CancellationException.class);
        }
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThat(writer.position()).isBetween(1L << 20, LARGE - 1L);
            Capture.of(MemoryDevice.over(disk))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertIsImageOf(disk);
    }

    @Test
    void anInterruptKeepsItsFlagAndMakesNoSectorBad() throws IOException {
        byte[] disk = noise(LARGE);
        Path file = directory.resolve("disk");
        Files.write(file, disk);
        try (ImageWriter writer = create(LARGE);
                FileDevice source = FileDevice.open(file, OpenMode.READ)) {
            // The flag is set while the file is read ahead.
            java.util.concurrent.atomic.AtomicBoolean once = new java.util.concurrent.atomic.AtomicBoolean();
            Capture capture = Capture.of(new InterruptingDisk(source, Thread.currentThread(), once))
                    .options(CaptureOptions.everything())
                    .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 0));
            assertThatThrownBy(() -> capture.to(writer)).isInstanceOf(CancellationException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            Capture.of(MemoryDevice.over(disk))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertIsImageOf(disk);
        try (ImageReader reader = ImageReader.open(image())) {
            assertThat(reader.newestImage().info().statistics().unreadableBytes())
                    .isZero();
        }
    }

    @Test
    void aChangedSourceIsNotGoneOnWith() throws IOException {
        byte[] disk = noise();
        try (ImageWriter writer = create()) {
            FaultyDisk faulty = new FaultyDisk(disk, Set.of(12_000L)).state("monday");
            assertThatThrownBy(() -> Capture.of(faulty)
                            .options(CaptureOptions.everything())
                            .options(options -> options.onReadError(ReadErrorPolicy.ABORT, 0))
                            .to(writer))
                    .isInstanceOf(DeviceException.class);
        }
        FaultyDisk good = new FaultyDisk(disk, Set.of());
        assertRefused(
                Capture.of(good.state("tuesday")).options(CaptureOptions.everything()),
                "it was \"monday\", it is \"tuesday\"");
        assertRefused(
                Capture.of(MemoryDevice.over(disk)).options(CaptureOptions.everything()),
                "it was \"monday\", and can't be told now");
        good.state("monday");
        assertRefused(
                Capture.of(MemoryDevice.over(new byte[SIZE + 512]))
                        .options(CaptureOptions.everything())
                        .options(options -> options.resumeIfSamplesMatch(true)),
                "geometry");
        disk[5]++;
        assertRefused(Capture.of(good).options(CaptureOptions.everything()), "changed at disk offset 5");
        assertRefused(
                Capture.of(good)
                        .options(CaptureOptions.everything())
                        .options(options -> options.resumeIfSamplesMatch(true)),
                "changed at disk offset 5");
        disk[5]--;
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            CaptureReport report =
                    Capture.of(good).options(CaptureOptions.everything()).to(writer);
            assertThat(report.sourceCheck()).contains("on resume", "monday");
            assertThat(report.sourceChange()).isEmpty();
        }
        assertIsImageOf(disk);
    }

    private void assertRefused(Capture capture, String reason) throws IOException {
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThatThrownBy(() -> capture.to(writer))
                    .isInstanceOf(SourceChangedException.class)
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void aChannelIsCapturedButNeverResumed() throws IOException {
        byte[] disk = noise();
        try (ImageWriter writer = ImageWriter.create(image(), DiskGeometry.ofSize(-1), OPTIONS)) {
            writer.data(0, ByteBuffer.wrap(disk, 0, 3_000_000));
            writer.checkpoint();
        }
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThatThrownBy(() -> Capture.of(new ByteArrayChannel(disk)).to(writer))
                    .isInstanceOf(IllegalStateException.class);
            int position = (int) writer.position();
            writer.data(position, ByteBuffer.wrap(disk, position, SIZE - position));
            assertThat(writer.finish().disk().size()).isEqualTo(SIZE);
        }
        assertIsImageOf(disk);
        Files.delete(image());
        try (ImageWriter writer = ImageWriter.create(image(), DiskGeometry.ofSize(-1), OPTIONS)) {
            assertThat(Capture.of(new ByteArrayChannel(disk)).to(writer).bytesRead())
                    .isEqualTo(SIZE);
        }
        assertIsImageOf(disk);
    }

    @Test
    void onlyTheWantedBytesAreCaptured() throws IOException {
        byte[] disk = noise();
        try (ImageWriter writer = create()) {
            Capture.of(MemoryDevice.over(disk))
                    .options(CaptureOptions.everything())
                    .options(options -> options.only(ExtentSet.builder()
                            .add(512, 4096)
                            .add(1_000_000, 500_000)
                            .build()))
                    .to(writer);
        }
        try (ImageReader reader = ImageReader.open(image())) {
            assertThat(reader.newestImage().extents().filter(each -> each.kind() == ImageExtentKind.DATA))
                    .containsExactly(
                            new ImageExtent(512, 4096, ImageExtentKind.DATA),
                            new ImageExtent(1_000_000, 500_000, ImageExtentKind.DATA));
            assertThat(reader.newestImage().info().statistics().unusedBytes()).isEqualTo(SIZE - 504_096);
        }
    }

    @Test
    void progressComesOnTheCallingThreadAndNotTooOften() throws IOException {
        AtomicLong clock = new AtomicLong();
        List<Progress> seen = new ArrayList<>();
        Thread caller = Thread.currentThread();
        FaultyDisk disk = new FaultyDisk(noise(), Set.of()).onRead(() -> clock.addAndGet(90_000_000));
        try (ImageWriter writer = create()) {
            Capture.of(disk)
                    .options(CaptureOptions.everything())
                    .control(control -> control.nanoClock(clock::get))
                    .control(control -> control.progress(progress -> {
                        assertThat(Thread.currentThread()).isSameAs(caller);
                        seen.add(progress);
                    }))
                    .to(writer);
        }
        assertThat(seen).hasSizeGreaterThan(1);
        for (int i = 1; i < seen.size() - 1; i++) {
            assertThat(seen.get(i).elapsed().minus(seen.get(i - 1).elapsed()).toMillis())
                    .isGreaterThanOrEqualTo(200);
        }
        assertThat(seen.get(seen.size() - 1).phase()).isEqualTo(Phase.FINISH);
        assertThat(seen.get(seen.size() - 1).done()).isEqualTo(SIZE);
        assertThat(seen).extracting(Progress::done).isSorted();
    }

    @Test
    void aListenerThatThrowsEndsTheCapture() throws IOException {
        AtomicLong clock = new AtomicLong();
        try (ImageWriter writer = create()) {
            Capture capture = Capture.of(new FaultyDisk(noise(), Set.of()))
                    .options(CaptureOptions.everything())
                    .control(control -> control.nanoClock(() -> clock.addAndGet(300_000_000)))
                    .control(control -> control.progress(progress -> {
                        throw new IllegalStateException("enough");
                    }));
            assertThatThrownBy(() -> capture.to(writer)).hasMessage("enough");
        }
    }

    /** Sets the reading thread's interrupt flag once, after the first segments. */
    private record InterruptingDisk(FileDevice file, Thread caller, java.util.concurrent.atomic.AtomicBoolean once)
            implements io.platter.block.BlockDevice {
        @Override
        public String name() {
            return file.name();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            if (diskOffset >= LATER && target.remaining() >= FaultyDisk.CONTENT && once.compareAndSet(false, true)) {
                caller.interrupt();
            }
            file.read(target, diskOffset);
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) {
            throw new IllegalStateException();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
