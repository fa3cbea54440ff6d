package io.platter.programs;

import io.platter.Capture;
import io.platter.ImageWriter;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CancellationToken;
import io.platter.job.JobControl;
import io.platter.job.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Captures with a line that shows how far it is, and resumes where it was cancelled before: {@code ProgressBar DISK FILE}.
 * The end of the program cancels it; the image then has a checkpoint.
 */
public final class ProgressBar {
    private static final int WIDTH = 40;

    private ProgressBar() {}

    /** Captures, or resumes a capture. */
    public static void main(String[] arguments) throws IOException {
        CancellationToken end = new CancellationToken();
        Thread main = Thread.currentThread();
        Thread hook = new Thread(() -> {
            end.cancel();
            while (main.isAlive()) {
                LockSupport.parkNanos(1_000_000); // the checkpoint is being written
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        JobControl control = JobControl.builder()
                .progress(ProgressBar::show)
                .cancellation(end)
                .build();
        try (BlockDevice disk = BlockDevices.open(Path.of(arguments[0]), OpenMode.READ);
                ImageWriter writer = ImageWriter.resumeOrCreate(
                        Path.of(arguments[1]), DiskGeometry.ofContent(disk), ImageOptions.defaults(), control)) {
            Capture.of(disk).control(control).to(writer);
            System.out.println();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private static void show(Progress progress) {
        long total = Math.max(1, progress.total().orElse(0));
        int done = (int) Math.min(WIDTH, WIDTH * progress.done() / total);
        long rate = progress.rate().orElse(0);
        String left = rate == 0 ? "" : (total - progress.done()) / rate + " s left ";
        System.out.print("\r[" + "#".repeat(done) + " ".repeat(WIDTH - done) + "] " + (rate >> 20) + " MiB/s " + left);
    }
}
