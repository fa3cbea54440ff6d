package io.platter.cli;

import io.platter.job.CancellationToken;
import io.platter.job.JobControl;
import io.platter.job.Progress;
import io.platter.job.ProgressListener;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Shows how far a job is: JSON lines on standard output if they were asked for, a line on standard error if that is a
 * terminal, else nothing. When it is closed, nothing of that line is left on the screen. Turns an interrupt into a
 * cancellation.
 *
 * <p>Not thread-safe: for the thread that runs the job.
 */
final class ProgressDisplay implements ProgressListener, AutoCloseable {
    private final String task;
    private final Session session;
    private final boolean json;
    private final ProgressLine line = new ProgressLine();
    private final CancellationToken cancellation = new CancellationToken();
    private final Interruption.Watch watch;
    private Optional<Progress> last = Optional.empty();

    ProgressDisplay(String task, Session session, boolean json) {
        this.task = task;
        this.session = session;
        this.json = json;
        this.watch = session.interruption().watch(cancellation);
    }

    /** Returns the control of a job that this shows and stops. */
    JobControl control() {
        return JobControl.defaults().with(control -> control.progress(this).cancellation(cancellation));
    }

    /** Returns the control of a job with the number of workers that was asked for, if one was. */
    JobControl control(Optional<Integer> threads) {
        return threads.isEmpty() ? control() : control().with(control -> control.threads(threads.get()));
    }

    /** Returns how far the job was, for a message. */
    String reached() {
        return last.map(progress -> progress.total().orElse(0) > 0
                        ? ProgressLine.percent(progress) + " % of "
                                + Sizes.human(progress.total().getAsLong())
                        : Sizes.human(progress.done()))
                .orElse("the start");
    }

    @Override
    public void onProgress(Progress progress) {
        last = Optional.of(progress);
        line.add(progress);
        try {
            if (json) {
                session.output().json(Json.of(describe(progress)));
                session.output().flush();
            } else if (!session.quiet() && session.errors().isTerminal()) {
                session.errors()
                        .status(
                                cancellation.isCancelled()
                                        ? task + ": stopping; Ctrl-C again ends it at once"
                                        : line.text(task));
            }
        } catch (OutputException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> describe(Progress progress) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("type", "progress");
        all.put("phase", progress.phase().name().toLowerCase(Locale.ROOT));
        all.put("done", progress.done());
        putIfKnown(all, "total", progress.total());
        all.put("read", progress.read());
        all.put("written", progress.written());
        putIfKnown(all, "deduplicated", progress.deduplicated());
        putIfKnown(all, "zero", progress.zero());
        putIfKnown(all, "unused", progress.unused());
        putIfKnown(all, "unreadable", progress.unreadable());
        line.rate().ifPresent(rate -> all.put("rate", rate));
        line.remaining().ifPresent(time -> all.put("remainingSeconds", time.toSeconds()));
        return all;
    }

    private static void putIfKnown(Map<String, Object> all, String name, OptionalLong value) {
        value.ifPresent(known -> all.put(name, known));
    }

    @Override
    public void close() {
        watch.close();
        try {
            session.errors().eraseStatus();
        } catch (OutputException e) {
            // The job's own end matters more than a line that can't be erased.
        }
    }
}
