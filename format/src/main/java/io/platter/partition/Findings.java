package io.platter.partition;

import io.platter.block.CorruptImageException;
import io.platter.partition.Finding.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers findings; a hostile table can cause only so many.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Findings {
    /** The number of findings that are kept; of the others only the number and the worst severity. */
    static final int MAX_COUNT = 256;

    private final List<Finding> kept = new ArrayList<>();
    private int dropped;
    private Severity worstDropped = Severity.INFO;

    void info(long diskOffset, String message) {
        add(new Finding(Severity.INFO, diskOffset, message));
    }

    void warning(long diskOffset, String message) {
        add(new Finding(Severity.WARNING, diskOffset, message));
    }

    void warning(String what, CorruptImageException e) {
        warning(e.offset(), what + ": " + e.detail());
    }

    void error(long diskOffset, String message) {
        add(new Finding(Severity.ERROR, diskOffset, message));
    }

    void error(String what, CorruptImageException e) {
        error(e.offset(), what + ": " + e.detail());
    }

    void addAll(List<Finding> findings) {
        findings.forEach(this::add);
    }

    private void add(Finding finding) {
        if (kept.size() < MAX_COUNT) {
            kept.add(finding);
            return;
        }
        dropped++;
        if (finding.severity().compareTo(worstDropped) > 0) {
            worstDropped = finding.severity();
        }
    }

    List<Finding> list() {
        List<Finding> result = new ArrayList<>(kept);
        if (dropped > 0) {
            result.add(new Finding(worstDropped, 0, dropped + " more findings are left out"));
        }
        return List.copyOf(result);
    }
}
