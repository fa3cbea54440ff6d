package io.platter.allocation;

/**
 * Why all of a volume counts as used.
 *
 * <p>Immutable.
 */
public enum Reason {
    /** It does not: the map is exact. */
    NONE("none"),
    /** Nothing known was recognised. */
    UNRECOGNISED("unrecognised"),
    /** Recognised, and taken whole by design: encrypted, or no public specification. */
    OPAQUE("opaque"),
    /** A journal or log holds changes that the map does not show yet. */
    JOURNAL_DIRTY("journal-dirty"),
    /** The volume was not unmounted cleanly. */
    NOT_CLEAN("not-clean"),
    /** The volume belongs to a system that is asleep. */
    HIBERNATED("hibernated"),
    /** The volume is in use by another machine. */
    IN_USE("in-use"),
    /** A feature is set that this version does not know. */
    UNKNOWN_FEATURE("unknown-feature"),
    /** A checksum does not match. */
    CHECKSUM("checksum"),
    /** The structures contradict each other. */
    DAMAGED("damaged"),
    /** Structures of the filesystem can't be read from the device. */
    UNREADABLE("unreadable"),
    /** Part of the volume is on another device. */
    MULTIPLE_DEVICES("multiple-devices"),
    /** The structures are in more pieces than a map may have. */
    LIMIT("limit"),
    /** The filesystem is larger than the volume that holds it. */
    TRUNCATED("truncated");

    private final String code;

    Reason(String code) {
        this.code = code;
    }

    /** Returns the word that stands for this reason in reports and in an image's properties. */
    public String code() {
        return code;
    }
}
