package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageDescription;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.job.CaptureReport;
import io.platter.job.ReadErrorPolicy;
import io.platter.job.VerifyReport;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that is run twice, or twice at once, does the same as two jobs. */
class JobsRunTwiceTest {
    private static final int SIZE = 5_000_000;

    @TempDir
    Path directory;

    private CaptureReport run(Capture capture, String image) throws IOException {
        ImageOptions options = ImageOptions.builder()
                .fileId(FileId.parse("00112233445566778899aabbccddeeff"))
                .build();
        try (ImageWriter writer = ImageWriter.create(directory.resolve(image), DiskGeometry.ofSize(-1), options)) {
            return capture.to(writer);
        }
    }

    @Test
    void whatIsWrittenBetweenTwoCapturesIsInTheSecond() throws IOException {
        Path filesystem = directory.resolve("ext4");
        Oracle.of("mkfs.ext4").run("-q", "-b", "4096", filesystem, "64M");
        byte[] content = new byte[8_000_000];
        new Random(2).nextBytes(content);
        Path added = Files.write(directory.resolve("added"), content);
        try (FileDevice disk = FileDevice.open(filesystem, OpenMode.READ)) {
            Capture capture = Capture.of(disk).options(options -> options.usedOnly(true));
            CaptureReport first = run(capture, "first");

            Oracle.of("debugfs").run("-w", "-R", "write " + added + " added", filesystem);
            CaptureReport second = run(capture, "second");

            assertThat(second.image().statistics().dataBytes())
                    .isGreaterThanOrEqualTo(first.image().statistics().dataBytes() + content.length);
            assertThat(second.bytesRead() - first.bytesRead()).isBetween(8_000_000L, 9_000_000L);
            try (ImageReader reader = ImageReader.open(directory.resolve("second"))) {
                Path restored = directory.resolve("restored");
                Restore.of(reader.newestImage()).toNewFile(restored);
                Oracle.of("e2fsck").run("-f", "-n", restored);
                Path back = directory.resolve("back");
                Oracle.of("debugfs").run("-R", "dump added " + back, restored);
                assertThat(back).hasSameBinaryContentAs(added);
            }
        }
    }

    @Test
    void aSecondReportDoesNotCountTheFirst() throws IOException {
        byte[] bytes = new byte[SIZE];
        new Random(3).nextBytes(bytes);
        Capture capture = Capture.of(new FaultyDisk(bytes, Set.of(5000L)))
                .options(CaptureOptions.everything())
                .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 0));
        CaptureReport first = run(capture, "first");
        CaptureReport second = run(capture, "second");
        assertThat(second.bytesRead()).isEqualTo(first.bytesRead()).isEqualTo(SIZE);
        assertThat(second.unreadable()).isEqualTo(first.unreadable()).hasSize(1);
        assertThat(second.skippedBytes()).isEqualTo(first.skippedBytes());
    }

    @Test
    void twoRunsAtOnceDoNotDisturbEachOther() throws Exception {
        byte[] bytes = new byte[SIZE];
        new Random(3).nextBytes(bytes);
        Capture capture = Capture.of(MemoryDevice.over(bytes))
                .options(CaptureOptions.everything())
                .options(options -> options.describedBy(ImageDescription.none()));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<CaptureReport> one = threads.submit(() -> run(capture, "one"));
            Future<CaptureReport> two = threads.submit(() -> run(capture, "two"));
            assertThat(one.get().bytesRead()).isEqualTo(SIZE);
            assertThat(two.get().bytesRead()).isEqualTo(SIZE);
            assertThat(directory.resolve("one")).hasSameBinaryContentAs(directory.resolve("two"));
            verifiesAtOnce(threads);
        } finally {
            threads.shutdown();
        }
    }

    private void verifiesAtOnce(ExecutorService threads) throws InterruptedException, ExecutionException {
        Future<VerifyReport> full = threads.submit(() -> {
            try (ImageReader reader = ImageReader.open(directory.resolve("one"))) {
                return Verify.of(reader).full();
            }
        });
        Future<VerifyReport> quick = threads.submit(() -> {
            try (ImageReader reader = ImageReader.open(directory.resolve("two"))) {
                return Verify.of(reader).quick();
            }
        });
        assertThat(full.get().bytesRead()).isEqualTo(quick.get().bytesRead());
    }
}
