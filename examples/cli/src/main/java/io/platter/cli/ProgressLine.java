package io.platter.cli;

import io.platter.job.Phase;
import io.platter.job.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Says in one line how far a job is. The rate is that of the last seconds, so that it follows a disk that slows down;
 * before there are some, nothing is said of it, since a Java machine that has just started is slow.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ProgressLine {
    private static final Duration SETTLED = Duration.ofSeconds(3);
    private static final Duration WINDOW = Duration.ofSeconds(15);
    private static final int BAR = 10;

    private final Deque<Progress> samples = new ArrayDeque<>();

    /** Takes what a job tells. */
    void add(Progress progress) {
        Progress last = samples.peekLast();
        if (last != null && (last.phase() != progress.phase() || last.done() > progress.done())) {
            samples.clear();
        }
        samples.addLast(progress);
        while (progress.elapsed().minus(samples.getFirst().elapsed()).compareTo(WINDOW) > 0) {
            samples.removeFirst();
        }
    }

    /** Returns the bytes a second of the last seconds, or nothing before there are some. */
    OptionalLong rate() {
        Duration time = last().elapsed().minus(samples.getFirst().elapsed());
        return time.compareTo(SETTLED) < 0
                ? OptionalLong.empty()
                : OptionalLong.of((long) ((last().done() - samples.getFirst().done()) / (time.toMillis() / 1000.0)));
    }

    /** Returns how long the job will take at this rate, if that can be told. */
    Optional<Duration> remaining() {
        OptionalLong rate = rate();
        long left = last().total().orElse(-1) - last().done();
        return rate.isEmpty() || rate.getAsLong() == 0 || left < 0
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(left / rate.getAsLong()));
    }

    private Progress last() {
        return samples.getLast();
    }

    /** Returns the line. */
    String text(String task) {
        Progress now = last();
        long total = now.total().orElse(-1);
        StringBuilder line = new StringBuilder(task);
        if (now.phase() == Phase.FINISH && total >= 0 && now.done() >= total) {
            return line.append(": finishing").toString();
        }
        if (total > 0) {
            int parts = (int) (Math.min(now.done(), total) * (double) BAR / total);
            line.append(' ').append(pad(String.valueOf(percent(now)), 3)).append(" % [");
            line.append("=".repeat(parts)).append(" ".repeat(BAR - parts)).append(']');
        }
        line.append(' ').append(Sizes.human(now.done()));
        if (total > 0) {
            line.append(" of ").append(Sizes.human(total));
        }
        rate().ifPresent(rate -> line.append(", ").append(Sizes.human(rate)).append("/s"));
        remaining().ifPresent(time -> line.append(", ").append(clock(time)).append(" left"));
        return line.toString();
    }

    /** Returns how many hundredths of a job are done; all only when it is done. */
    static long percent(Progress progress) {
        double part = (double) progress.done() / Math.max(1, progress.total().orElse(1));
        return Math.max(0, Math.min(100, (long) (part * 100)));
    }

    private static String clock(Duration time) {
        return time.toHours() + ":" + (time.toMinutesPart() < 10 ? "0" : "") + time.toMinutesPart() + ":"
                + (time.toSecondsPart() < 10 ? "0" : "") + time.toSecondsPart();
    }

    private static String pad(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
