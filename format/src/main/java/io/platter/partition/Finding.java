package io.platter.partition;

import java.util.Locale;
import java.util.Objects;

/**
 * Something that is wrong or unusual about a partition table.
 *
 * <p>Immutable.
 *
 * @param severity how bad it is
 * @param diskOffset where on the disk, in bytes
 * @param message what is wrong, with the values found and expected
 */
public record Finding(Severity severity, long diskOffset, String message) {
    /** Checks the components. */
    public Finding {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(message, "message");
    }

    /**
     * How bad a finding is.
     *
     * <p>Immutable.
     */
    public enum Severity {
        /** Unusual, and no harm. */
        INFO,
        /** Damage or a left-over that does not make the partitions doubtful. */
        WARNING,
        /** The partitions are doubtful: do not conclude from them which bytes are unused. */
        ERROR;

        /** Returns the word that stands for this severity in reports. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
