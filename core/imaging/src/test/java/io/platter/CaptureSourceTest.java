package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.Extent;
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
import io.platter.job.ReadErrorPolicy;
import io.platter.job.SourceChangedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a capture does when its source fails or changes. */
class CaptureSourceTest {
    private static final int SIZE = 24_000_000;
    /** In the sixth piece: when it is read, the first one was taken. */
    private static final long LATER = 5 * (2L << 20);

    /** No checkpoint comes by itself before 4 GiB. */
    private static final ImageOptions OPTIONS = ImageOptions.builder().build();

    @TempDir
    Path directory;

    private final byte[] content = new byte[SIZE];

    CaptureSourceTest() {
        new Random(6).nextBytes(content);
    }

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
    }

    private Path image() {
        return directory.resolve("image");
    }

    /** Starts afresh, whatever a capture before has left. */
    private ImageWriter create() throws IOException {
        ImageWriter.discardUnfinished(image());
        return ImageWriter.create(image(), DiskGeometry.ofSize(SIZE), OPTIONS);
    }

    private void assertIsImageOfContent() throws IOException {
        try (ImageReader reader = ImageReader.open(image())) {
            assertThat(Verify.of(reader.newestImage()).differences(MemoryDevice.over(content)))
                    .isEmpty();
        }
    }

    private interface Failure {
        void fail() throws IOException;
    }

    /** A device that somebody else wrote: it throws what it likes. */
    private class CustomDisk implements BlockDevice {
        Failure onRead = () -> {};
        Failure onMap = () -> {};

        @Override
        public String name() {
            return "https://disks.example/7";
        }

        @Override
        public long size() {
            return SIZE;
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
            if (diskOffset <= LATER && LATER < diskOffset + target.remaining()) {
                onRead.fail();
            }
            target.put(content, (int) diskOffset, target.remaining());
        }

        @Override
        public Extent extentAt(long diskOffset) throws IOException {
            onMap.fail();
            return BlockDevice.super.extentAt(diskOffset);
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

    @Test
    void whateverASourceThrowsIsRetried() throws IOException {
        CustomDisk disk = new CustomDisk();
        AtomicInteger failures = new AtomicInteger();
        disk.onRead = () -> {
            if (failures.incrementAndGet() <= 2) {
                throw new IOException("HTTP 503");
            }
        };
        try (ImageWriter writer = create()) {
            assertThat(Capture.of(disk)
                            .options(CaptureOptions.everything())
                            .to(writer)
                            .unreadable())
                    .isEmpty();
        }
        assertThat(failures.get()).isEqualTo(3);
        assertIsImageOfContent();
    }

    @Test
    void aSourceThatKeepsFailingLeavesACheckpointAndIsNamedWithThePlace() throws IOException {
        CustomDisk disk = new CustomDisk();
        IOException cause = new IOException("HTTP 503");
        disk.onRead = () -> {
            throw cause;
        };
        for (ReadErrorPolicy policy : List.of(ReadErrorPolicy.ABORT, ReadErrorPolicy.RETRY)) {
            try (ImageWriter writer = create()) {
                assertThatThrownBy(() -> Capture.of(disk)
                                .options(CaptureOptions.everything())
                                .options(options -> options.onReadError(policy, 1))
                                .to(writer))
                        .isInstanceOf(DeviceException.class)
                        .hasMessage("read of https://disks.example/7 at disk offset " + LATER + " failed: HTTP 503")
                        .hasCause(cause);
            }
            assertThat(ImageWriter.canResume(image())).isTrue();
        }
        disk.onRead = () -> {};
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThat(writer.position()).isGreaterThan(1 << 20);
            Capture.of(disk).options(CaptureOptions.everything()).to(writer);
        }
        assertIsImageOfContent();
    }

    @Test
    void aRuntimeExceptionOfASourceIsThrownAndLeavesACheckpoint() throws IOException {
        CustomDisk disk = new CustomDisk();
        RuntimeException failure = new IllegalStateException("session expired");
        disk.onRead = () -> {
            throw failure;
        };
        try (ImageWriter writer = create()) {
            assertThatThrownBy(() -> Capture.of(disk)
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isSameAs(failure);
        }
        assertThat(ImageWriter.canResume(image())).isTrue();
    }

    @Test
    void aSourceThatCannotSayWhatItHasIsRead() throws IOException {
        CustomDisk disk = new CustomDisk();
        disk.onMap = () -> {
            throw new IOException("no map today");
        };
        try (ImageWriter writer = create()) {
            Capture.of(disk).options(CaptureOptions.everything()).to(writer);
        }
        assertIsImageOfContent();
    }

    @Test
    void aDiskThatIsGoneIsNoBadGround() throws IOException {
        CustomDisk disk = new CustomDisk();
        disk.onRead = () -> {
            throw new NoSuchFileException("/dev/sdz", null, "the device is gone");
        };
        try (ImageWriter writer = create()) {
            assertThatThrownBy(() -> Capture.of(disk)
                            .options(CaptureOptions.everything())
                            .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 1))
                            .to(writer))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("the device is gone");
        }
        assertThat(ImageWriter.canResume(image())).isTrue();
    }

    @Test
    void aChannelThatFailsLeavesACheckpoint() throws IOException {
        IOException cause = new IOException("connection reset");
        ReadableByteChannel channel = new ReadableByteChannel() {
            private int position;

            @Override
            public int read(ByteBuffer target) throws IOException {
                if (position > LATER) {
                    throw cause;
                }
                int count = target.remaining();
                target.put(content, position, count);
                position += count;
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        try (ImageWriter writer = ImageWriter.create(image(), DiskGeometry.ofSize(-1), OPTIONS)) {
            assertThatThrownBy(() -> Capture.of(channel).to(writer))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("the channel at disk offset 11534336 failed: connection reset")
                    .hasCause(cause);
        }
        assertThat(ImageWriter.canResume(image())).isTrue();
    }

    @Test
    void deadGroundIsLeftAfterFewReadsAndWhatIsAroundItIsKept() throws IOException {
        Set<Long> bad = new HashSet<>();
        // 12 MiB without a good sector, from the middle of a piece to the middle of another.
        for (long sector = 10_001; sector < 34_567; sector++) {
            bad.add(sector);
        }
        AtomicInteger reads = new AtomicInteger();
        FaultyDisk disk = new FaultyDisk(content, bad).onRead(reads::incrementAndGet);
        CaptureReport report;
        try (ImageWriter writer = create()) {
            report = Capture.of(disk)
                    .options(CaptureOptions.everything())
                    .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 3))
                    .to(writer);
        }
        UnreadableRange dead = new UnreadableRange(10_001 * 512L, (34_567 - 10_001) * 512L, 5);
        assertThat(report.unreadable()).containsExactly(dead);
        assertThat(report.skippedBytes()).isBetween(dead.length() / 2, dead.length());
        assertThat(reads.get()).isLessThan(1500);
        assertThat(report.image().statistics().unreadableBytes()).isEqualTo(dead.length());
        Arrays.fill(content, (int) dead.offset(), (int) dead.end(), (byte) 0);
        assertIsImageOfContent();
    }

    @Test
    void unusedGroundThatCannotBeReadIsHandledAsThePolicySays() throws IOException {
        Arrays.fill(content, 0, 9 << 20, (byte) 0);
        content[4_000_000] = 1;
        long bad = 4_000_256 / 512;
        FaultyDisk disk = new FaultyDisk(content, Set.of(bad));
        ExtentSet wanted = ExtentSet.of(8 << 20, SIZE - (8 << 20));
        CaptureReport report;
        try (ImageWriter writer = create()) {
            report = Capture.of(disk)
                    .options(CaptureOptions.everything())
                    .options(options -> options.only(wanted))
                    .options(options -> options.paranoid(true))
                    .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 1))
                    .to(writer);
        }
        UnreadableRange unreadable = new UnreadableRange(bad * 512, 512, 5);
        assertThat(report.unreadable()).containsExactly(unreadable);
        try (ImageReader reader = ImageReader.open(image())) {
            assertThat(reader.newestImage().extentAt(bad * 512))
                    .isEqualTo(new ImageExtent(bad * 512, 512, ImageExtentKind.UNREADABLE, 5));
            ByteBuffer kept = ByteBuffer.allocate(1);
            reader.newestImage().read(kept, 4_000_000);
            assertThat(kept.get(0)).isEqualTo((byte) 1);
        }
        Files.delete(image());
        for (ReadErrorPolicy policy : List.of(ReadErrorPolicy.ABORT, ReadErrorPolicy.RETRY)) {
            try (ImageWriter writer = create()) {
                assertThatThrownBy(() -> Capture.of(disk)
                                .options(CaptureOptions.everything())
                                .options(options -> options.only(wanted))
                                .options(options -> options.paranoid(true))
                                .options(options -> options.onReadError(policy, 1))
                                .to(writer))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("disk offset " + bad * 512);
            }
        }
    }

    @Test
    void aSourceInAnotherStateIsResumedOnRequestAndTheImageSaysSo() throws IOException {
        try (ImageWriter writer = create()) {
            FaultyDisk faulty = new FaultyDisk(content, Set.of(LATER / 512)).state("boot 1");
            assertThatThrownBy(() -> Capture.of(faulty)
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isInstanceOf(DeviceException.class);
        }
        FaultyDisk later = new FaultyDisk(content, Set.of()).state("boot 2");
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            assertThatThrownBy(() -> Capture.of(later)
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isInstanceOf(SourceChangedException.class)
                    .hasMessageContainingAll("faulty", "it was \"boot 1\", it is \"boot 2\"");
        }
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS)) {
            CaptureReport report = Capture.of(later)
                    .options(CaptureOptions.everything())
                    .options(options -> options.resumeIfSamplesMatch(true))
                    .to(writer);
            assertThat(report.sourceChange().orElseThrow()).contains("resumed", "boot 1", "boot 2");
            assertThat(report.image().properties())
                    .containsEntry("source.changed", report.sourceChange().orElseThrow());
        }
        assertIsImageOfContent();
    }

    @Test
    void aSourceThatChangesMeanwhileIsCapturedAndTheImageSaysSo() throws IOException {
        FaultyDisk disk = new FaultyDisk(content, Set.of()).state("1 write");
        AtomicInteger reads = new AtomicInteger();
        disk.onContentRead(() -> {
            if (reads.incrementAndGet() == 6) {
                disk.state("2 writes");
            }
        });
        CaptureReport report;
        try (ImageWriter writer = create()) {
            report = Capture.of(disk).options(CaptureOptions.everything()).to(writer);
        }
        assertThat(report.sourceChange().orElseThrow()).contains("it was \"1 write\", it is \"2 writes\"");
        try (ImageReader reader = ImageReader.open(image())) {
            assertThat(reader.newestImage().info().properties())
                    .containsEntry("source.state", "1 write")
                    .containsEntry("source.changed", report.sourceChange().orElseThrow());
        }
        Files.delete(image());
        try (ImageWriter writer = create()) {
            report = Capture.of(disk).options(CaptureOptions.everything()).to(writer);
            assertThat(report.sourceChange()).isEmpty();
            assertThat(report.image().properties()).doesNotContainKey("source.changed");
        }
    }

    @Test
    void aFileThatIsWrittenMeanwhileHasChanged() throws IOException {
        Path file = Files.write(directory.resolve("disk"), content);
        AtomicBoolean once = new AtomicBoolean();
        try (ImageWriter writer = create();
                FileDevice source = FileDevice.open(file, OpenMode.READ)) {
            AtomicInteger ticks = new AtomicInteger();
            CaptureReport report = Capture.of(source)
                    .options(CaptureOptions.everything())
                    .control(control -> control.nanoClock(() -> ticks.addAndGet(300_000_000)))
                    .control(control -> control.progress(progress -> {
                        if (progress.phase() == Phase.COPY && once.compareAndSet(false, true)) {
                            append(file);
                        }
                    }))
                    .to(writer);
            assertThat(report.sourceCheck()).contains("size " + SIZE + ", modified ");
            assertThat(report.sourceChange().orElseThrow()).contains("size " + SIZE + ",", "size " + (SIZE + 1) + ",");
        }
        assertIsImageOfContent();
    }

    @Test
    void aFileThatWasReplacedByOneOfTheSameSizeAndTimeIsNotResumed() throws IOException {
        Path file = Files.write(directory.resolve("disk"), content);
        CancellationToken token = new CancellationToken();
        try (ImageWriter writer = create();
                FileDevice source = FileDevice.open(file, OpenMode.READ)) {
            AtomicInteger ticks = new AtomicInteger();
            Capture capture = Capture.of(source)
                    .options(CaptureOptions.everything())
                    .control(control -> control.cancellation(token))
                    .control(control -> control.nanoClock(() -> ticks.addAndGet(300_000_000)))
                    .control(control -> control.progress(progress -> {
                        if (progress.done() > LATER) {
                            token.cancel();
                        }
                    }));
            assertThatThrownBy(() -> capture.to(writer)).isInstanceOf(java.util.concurrent.CancellationException.class);
        }
        assertThat(ImageWriter.canResume(image())).isTrue();
        Path other = directory.resolve("other");
        content[SIZE - 1]++;
        Files.write(other, content);
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (ImageWriter writer = ImageWriter.resume(image(), OPTIONS);
                FileDevice source = FileDevice.open(file, OpenMode.READ)) {
            assertThatThrownBy(() -> Capture.of(source)
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isInstanceOf(SourceChangedException.class)
                    .hasMessageContaining("its state was compared");
        }
    }

    private static void append(Path file) {
        try {
            Files.write(file, new byte[1], StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
