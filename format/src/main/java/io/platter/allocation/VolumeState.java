package io.platter.allocation;

import java.util.Locale;

/**
 * In what state a filesystem was left.
 *
 * <p>Immutable.
 */
public enum VolumeState {
    /** Unmounted in order. */
    CLEAN,
    /** Mounted, or not unmounted in order. */
    DIRTY,
    /** The filesystem does not say. */
    UNKNOWN;

    /** Returns the word that stands for this state in reports. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
