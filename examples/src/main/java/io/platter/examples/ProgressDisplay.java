package io.platter.examples;

import io.platter.CancellationToken;
import io.platter.Progress;
import io.platter.ProgressListener;
import java.io.Console;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a job is: JSON lines on standard output if they were asked for, a bar on a terminal, else nothing. Turns
 * an interrupt from the keyboard into a cancellation.
 */
final class ProgressDisplay implements ProgressListener, AutoCloseable {
    private static final long MEBIBYTE = 1 << 20;

    private final boolean json;
    private final String task;
    private final CancellationToken cancellation = new CancellationToken();
    private final Thread onInterrupt;
    private final CountDownLatch ended = new CountDownLatch(1);
    private Optional<ProgressBar> bar = Optional.empty();

    ProgressDisplay(String task, boolean json) {
        this.task = task;
        this.json = json;
        this.onInterrupt = new Thread() {
            @Override
            public void run() {
                cancelAndWait();
            }
        };
        Runtime.getRuntime().addShutdownHook(onInterrupt);
    }

    CancellationToken cancellation() {
        return cancellation;
    }

    /** The program ends when this returns: give the job time to leave a checkpoint. */
    private void cancelAndWait() {
        cancellation.cancel();
        try {
            ended.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void onProgress(Progress progress) {
        if (json) {
            System.out.println(Json.of(describe(progress)));
        } else if (bar.isPresent() || isTerminal()) {
            show(progress);
        }
    }

    /** From JDK 22 on, there may be a console without a terminal, which tells so itself. */
    @SuppressWarnings("SystemConsoleNull") // There is none in JDK 17 to 21 without a terminal.
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private void show(Progress progress) {
        ProgressBar shown = bar.orElseGet(() -> new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(Math.max(progress.total(), -1))
                .setUnit(" MiB", MEBIBYTE)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build());
        bar = Optional.of(shown);
        shown.stepTo(progress.done());
    }

    private static Map<String, Object> describe(Progress progress) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("phase", progress.phase().name().toLowerCase(java.util.Locale.ROOT));
        line.put("done", progress.done());
        line.put("total", progress.total());
        line.put("read", progress.read());
        line.put("written", progress.written());
        line.put("deduplicated", progress.deduplicated());
        line.put("zero", progress.zero());
        line.put("unused", progress.unused());
        line.put("unreadable", progress.unreadable());
        line.put("rate", progress.rate());
        Optional<Duration> remaining = progress.remaining();
        if (remaining.isPresent()) {
            line.put("remainingSeconds", remaining.get().toSeconds());
        }
        return line;
    }

    @Override
    public void close() {
        if (bar.isPresent()) {
            bar.get().close();
        }
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException e) {
            // The machine is ending already.
        }
    }
}
