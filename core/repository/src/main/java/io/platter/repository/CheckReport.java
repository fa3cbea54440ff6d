package io.platter.repository;

import java.util.List;

/**
 * What a check found.
 *
 * <p>Immutable.
 *
 * @param images how many images were checked
 * @param blocks how many blocks were read and checked; 0 unless the check was a full one
 * @param problems what is wrong, each in a sentence that names the image; empty if nothing is
 */
public record CheckReport(int images, long blocks, List<String> problems) {
    /** Copies the list. */
    public CheckReport {
        problems = List.copyOf(problems);
    }

    /** Tells whether nothing is wrong. */
    public boolean isSound() {
        return problems.isEmpty();
    }
}
