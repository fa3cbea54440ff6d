package org.example.backup;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.job.CancellationToken;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.job.MemoryBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Eight captures at once that share two threads and the memory of a small machine; one cancelled, one interrupted. */
public final class ManyAtOnce {
    private static final int JOBS = 8;

    private ManyAtOnce() {}

    /** Works in the directory that it is given, and prints what it did. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        byte[] content = new byte[8 << 20];
        new Random(2).nextBytes(content);
        BlockDevice disk = MemoryDevice.over(content);
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            JobControl shared = JobControl.builder()
                    .executor(workers)
                    .memory(MemoryBudget.of(80L << 20))
                    .build();
            List<CompletableFuture<CaptureReport>> running = new ArrayList<>();
            for (int i = 0; i < JOBS; i++) {
                Path image = directory.resolve(i + ".platter");
                running.add(shared.start(control -> Capture.of(disk).control(control).to(image)));
            }
            for (int i = 0; i < JOBS; i++) {
                CaptureReport report = running.get(i).join();
                try (ImageReader images = ImageReader.open(directory.resolve(i + ".platter"))) {
                    Verify.of(images).control(shared).full();
                }
                System.out.println(i + " captured: " + (report.bytesRead() == content.length));
            }
            cancelled(shared, disk, directory.resolve("cancelled.platter"));
            interrupted(shared, disk, directory.resolve("interrupted.platter"));
            if (shared.memory().available() != shared.memory().bytes()) {
                throw new IllegalStateException("memory is still reserved: " + shared.memory());
            }
        } finally {
            workers.shutdown();
        }
        System.out.println("disks listed: true");
    }

    private static void cancelled(JobControl shared, BlockDevice disk, Path image) {
        CancellationToken token = new CancellationToken();
        token.cancel();
        try {
            shared.with(control -> control.cancellation(token))
                    .start(control -> Capture.of(disk).control(control).to(image))
                    .join();
            throw new IllegalStateException("not cancelled");
        } catch (CancellationException e) {
            System.out.println("cancelled, and left: " + Files.exists(image));
        } catch (CompletionException e) {
            System.out.println("cancelled: " + (e.getCause() instanceof CancellationException));
        }
    }

    private static void interrupted(JobControl shared, BlockDevice disk, Path image) throws IOException {
        Thread.currentThread().interrupt();
        try {
            Capture.of(disk).control(shared).to(image);
            throw new IllegalStateException("not interrupted");
        } catch (CancellationException e) {
            System.out.println("interrupted: " + Thread.interrupted());
        }
    }
}
