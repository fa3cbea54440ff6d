package io.platter.programs;

import io.platter.ImageReader;
import io.platter.Verify;
import io.platter.image.FileEnd;
import io.platter.job.JobControl;
import io.platter.job.MemoryBudget;
import io.platter.job.VerifyReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Checks many files at once, which share threads and memory: {@code VerifyMany FILE...}. */
public final class VerifyMany {
    private static final long MEMORY = 256L << 20;

    private VerifyMany() {}

    /** Prints what became of each file; the exit code is 1 if any is damaged. */
    public static void main(String[] arguments) {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        JobControl shared = JobControl.builder()
                .executor(threads)
                .memory(MemoryBudget.of(MEMORY))
                .build();
        Map<String, CompletableFuture<VerifyReport>> running = new LinkedHashMap<>();
        for (String file : arguments) {
            running.put(file, shared.start(control -> {
                try (ImageReader images = ImageReader.open(Path.of(file))) {
                    return Verify.of(images).control(control).full();
                }
            }));
        }
        boolean allGood = true;
        for (Map.Entry<String, CompletableFuture<VerifyReport>> one : running.entrySet()) {
            try {
                VerifyReport report = one.getValue().join();
                boolean isWhole = report.end().state() == FileEnd.State.CLEAN;
                allGood &= isWhole;
                System.out.println(one.getKey() + ": " + report.images() + " images are good"
                        + (isWhole ? "" : ", but " + report.end().detail()));
            } catch (CompletionException e) {
                allGood = false;
                System.out.println(one.getKey() + ": " + e.getCause());
            }
        }
        threads.shutdown();
        if (!allGood) {
            throw new IllegalStateException("not all files are good");
        }
    }
}
