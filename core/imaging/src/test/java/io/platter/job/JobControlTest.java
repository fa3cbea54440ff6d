package io.platter.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.Convert;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.StreamRestore;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageDescription;
import io.platter.image.ImageOptions;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How jobs take threads and memory that are not theirs alone. */
@Timeout(60)
class JobControlTest {
    private static final int SIZE = 12 << 20;
    private static final ImageOptions OPTIONS = ImageOptions.builder()
            .fileId(FileId.parse("0123456789abcdef0123456789abcdef"))
            .build();

    private final byte[] content = new byte[SIZE];

    @TempDir
    Path directory;

    JobControlTest() {
        new Random(5).nextBytes(content);
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private CaptureReport capture(JobControl control, String name) throws IOException {
        return Capture.of(MemoryDevice.over(content))
                .options(options -> options.describedBy(ImageDescription.none()))
                .control(control)
                .to(file(name), OPTIONS);
    }

    /** Runs each kind of job under a control. */
    private void everyJob(JobControl control) throws IOException {
        capture(control, "image");
        try (ImageReader reader = ImageReader.open(file("image"))) {
            Verify.of(reader).control(control).full();
            Restore.of(reader.newestImage()).control(control).toNewFile(file("restored"));
            Convert.of(reader.newestImage())
                    .control(control)
                    .options(options -> options.verify(true))
                    .toNewFile(file("qcow2"), VirtualDisks.named("qcow2").orElseThrow(), VirtualDiskOptions.defaults());
            assertThat(Verify.of(reader.newestImage()).control(control).differences(MemoryDevice.over(content)))
                    .isEmpty();
        }
        try (InputStream stream = Files.newInputStream(file("image"))) {
            StreamRestore.of(Channels.newChannel(stream)).control(control).toNewFile(file("streamed"));
        }
        assertThat(file("restored")).hasBinaryContent(content);
        assertThat(file("streamed")).hasBinaryContent(content);
    }

    @Test
    void anExecutorDoesTheWorkOfEveryJobAndStaysOpen() throws Exception {
        AtomicInteger tasks = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Executor counting = task -> {
                tasks.incrementAndGet();
                threads.execute(task);
            };
            everyJob(JobControl.builder().executor(counting).build());
            assertThat(tasks.get()).isGreaterThan(20);
            assertThat(threads.isShutdown()).isFalse();
        } finally {
            threads.shutdown();
        }
        capture(JobControl.defaults(), "alone");
        assertThat(file("alone")).hasSameBinaryContentAs(file("image"));
    }

    @Test
    void theExecutorMayBeTheOneThreadOnWhichTheJobRuns() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try {
            JobControl control = JobControl.builder().executor(one).build();
            one.submit(() -> {
                        everyJob(control);
                        return true;
                    })
                    .get();
        } finally {
            one.shutdown();
        }
    }

    @Test
    void anExecutorThatRejectsOrForgetsTasksDelaysAJobOnly() throws IOException {
        everyJob(JobControl.builder()
                .executor(task -> {
                    throw new RejectedExecutionException();
                })
                .build());
        Files.delete(file("image"));
        capture(JobControl.builder().executor(task -> {}).build(), "image");
        try (ImageReader reader = ImageReader.open(file("image"))) {
            Verify.of(reader).full();
        }
    }

    @Test
    void aThreadFactoryMakesAllThreadsOfAJobAndTheyEndWithIt() throws Exception {
        List<Thread> made = new ArrayList<>();
        JobControl control = JobControl.builder()
                .threadFactory(task -> {
                    Thread thread = new Thread(task, "mine");
                    synchronized (made) {
                        made.add(thread);
                    }
                    return thread;
                })
                .build();
        everyJob(control);
        assertThat(made).hasSizeGreaterThan(10).noneMatch(Thread::isAlive);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));

        JobControl none = JobControl.builder().threadFactory(task -> null).build();
        assertThatThrownBy(() -> capture(none, "none"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("thread factory");
        assertThat(file("none")).doesNotExist();
    }

    @Test
    void jobsWaitForTheMemoryThatTheyShare() throws Exception {
        long one = ImageWriter.memory(OPTIONS, 1);
        MemoryBudget budget = MemoryBudget.of(2 * one);
        JobControl control = JobControl.builder().threads(1).memory(budget).build();
        AtomicInteger most = new AtomicInteger();
        BlockDevice slow = new SlowDisk(content, () -> most.accumulateAndGet(unfinishedFiles(), Math::max));
        List<CompletableFuture<CaptureReport>> jobs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Path image = file("image-" + i);
            jobs.add(control.start(own -> Capture.of(slow).control(own).to(image)));
        }
        for (CompletableFuture<CaptureReport> job : jobs) {
            assertThat(job.get().bytesRead()).isEqualTo(SIZE);
        }
        assertThat(most.get()).isBetween(1, 2);
        assertThat(budget.available()).isEqualTo(2 * one);
    }

    @Test
    void aJobTakesFewerThreadsWhereMemoryIsScarceAndFailsIfThereIsNotEnough() throws IOException {
        long two = ImageWriter.memory(OPTIONS, 2);
        MemoryBudget budget = MemoryBudget.of(two);
        capture(JobControl.builder().threads(16).memory(budget).build(), "few");
        assertThat(budget.available()).isEqualTo(two);
        JobControl tooLittle =
                JobControl.builder().memory(MemoryBudget.of(1 << 20)).build();
        assertThatThrownBy(() -> capture(tooLittle, "none"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("budget has 1048576");
        assertThat(file("none")).doesNotExist();
        assertThat(file("none.partial")).doesNotExist();
    }

    @Test
    void aRestoreThatHasNoMemoryLeavesItsDiskAlone() throws IOException {
        capture(JobControl.defaults(), "image");
        byte[] disk = new byte[2 * SIZE];
        Arrays.fill(disk, (byte) 7);
        byte[] before = disk.clone();
        try (ImageReader reader = ImageReader.open(file("image"))) {
            Restore restore =
                    Restore.of(reader.newestImage()).control(control -> control.memory(MemoryBudget.of(1 << 20)));
            assertThatThrownBy(() -> restore.to(MemoryDevice.over(disk))).isInstanceOf(IllegalArgumentException.class);
            Convert convert =
                    Convert.of(reader.newestImage()).control(control -> control.memory(MemoryBudget.of(1 << 20)));
            assertThatThrownBy(() -> convert.to(MemoryDevice.over(disk))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(disk).isEqualTo(before);
    }

    @Test
    void aJobThatWaitsForMemoryCanBeCancelled() throws Exception {
        long one = ImageWriter.memory(OPTIONS, 1);
        MemoryBudget budget = MemoryBudget.of(one);
        JobControl control = JobControl.builder().threads(1).memory(budget).build();
        ImageWriter writer = ImageWriter.create(file("held"), DiskGeometry.ofSize(SIZE), OPTIONS, control);
        try (writer) {
            CompletableFuture<CaptureReport> waiting = control.start(own -> capture(own, "waiting"));
            CompletableFuture<CaptureReport> next = control.start(own -> capture(own, "next"));
            assertThat(waiting.cancel(true)).isTrue();
            assertThat(next).isNotDone();
            assertThat(budget.available()).isZero();
            writer.close();
            assertThat(next.get().bytesRead()).isEqualTo(SIZE);
        }
        assertThat(file("waiting")).doesNotExist();
        assertThat(budget.available()).isEqualTo(one);
    }

    @Test
    void aJobThatWasStartedEndsWithWhatItThrewOrWhenItIsCancelled() throws Exception {
        CompletableFuture<CaptureReport> failing = JobControl.defaults()
                .start(control -> Capture.of(file("nothing")).control(control).to(file("image")));
        assertThatThrownBy(failing::get).hasCauseInstanceOf(java.nio.file.NoSuchFileException.class);

        CancellationToken token = new CancellationToken();
        JobControl control = JobControl.builder().cancellation(token).build();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Boolean> stopped = control.start(own -> {
            begun.countDown();
            while (true) {
                own.cancellation().throwIfCancelled();
            }
        });
        begun.await();
        token.cancel();
        assertThatThrownBy(stopped::get).isInstanceOf(CancellationException.class);
    }

    @Test
    void textsSayWhatDiffersFromTheDefaults() {
        assertThat(JobControl.defaults()).hasToString("JobControl[]");
        assertThat(JobControl.builder().threads(7).memory(MemoryBudget.of(100)).build())
                .hasToString("JobControl[threads=7, memory=100 of 100 bytes available]");
        assertThat(CaptureOptions.defaults()).hasToString("CaptureOptions[]");
        assertThat(CaptureOptions.forensic()).hasToString("CaptureOptions[readErrors=SKIP, usedOnly=false]");
        assertThat(RestoreOptions.builder().compare(true).anySectorSize(true).build())
                .hasToString("RestoreOptions[compare=true, target=TargetRules[anySectorSize=true]]");
        assertThat(ConvertOptions.builder().verify(true).build()).hasToString("ConvertOptions[verify=true]");
        assertThat(ImageOptions.small()).hasToString("ImageOptions[level=12, frameSize=4194304]");
    }

    private int unfinishedFiles() {
        String[] names = directory.toFile().list((folder, name) -> name.endsWith(".partial"));
        return names == null ? 0 : names.length;
    }

    /** Takes a while to read, and tells when it is read. */
    private static final class SlowDisk extends DeviceView {
        private final Runnable onRead;

        SlowDisk(byte[] content, Runnable onRead) {
            super(MemoryDevice.over(content));
            this.onRead = onRead;
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            onRead.run();
            super.read(target, diskOffset);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
