package io.platter.cli;

import java.util.concurrent.CancellationException;

/** Says of a job that was interrupted how far it was, and what comes of it. */
final class Stopped {
    private Stopped() {}

    static CancellationException at(ProgressDisplay display, String consequence, CancellationException cause) {
        CancellationException stopped =
                new CancellationException("stopped at " + display.reached() + "; " + consequence);
        stopped.initCause(cause);
        return stopped;
    }
}
