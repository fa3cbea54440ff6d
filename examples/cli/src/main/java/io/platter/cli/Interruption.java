package io.platter.cli;

import io.platter.job.CancellationToken;
import java.util.ArrayList;
import java.util.List;

/**
 * What happens at Ctrl-C, or when the system ends the program, while a job runs: the first time, the job is asked to stop
 * and may leave what it can be resumed from; the second time, the program ends at once.
 *
 * <p>Safe for use by several threads.
 */
final class Interruption {
    private static final int BY_SIGNAL = 128;
    private static final int SIGINT = 2;

    private volatile int number = SIGINT;

    /** Tells what a program that was stopped ends with, by custom: 128 and the signal's number. */
    int exitCode() {
        return BY_SIGNAL + number;
    }

    /** Cancels a job when a signal comes, until what is returned is closed. */
    Watch watch(CancellationToken cancellation) {
        return new Watch(cancellation);
    }

    /** The time during which signals cancel a job. */
    final class Watch implements AutoCloseable {
        private final CancellationToken cancellation;
        private final List<Signal> signals = new ArrayList<>();

        private Watch(CancellationToken cancellation) {
            this.cancellation = cancellation;
            for (String name : List.of("INT", "TERM", "HUP")) {
                Signal.handle(name, this::onSignal).ifPresent(signals::add);
            }
        }

        private void onSignal(int signal) {
            number = signal;
            if (cancellation.isCancelled()) {
                Runtime.getRuntime().halt(exitCode());
            }
            cancellation.cancel();
        }

        @Override
        public void close() {
            signals.forEach(Signal::restore);
        }
    }
}
