package io.platter.block;

import java.io.Serializable;
import java.util.Objects;

/**
 * One thing that speaks against writing to a disk.
 *
 * <p>Immutable.
 *
 * @param kind what it is
 * @param detail by whom or where, such as {@code /dev/sda1 on /home}
 */
public record DiskUse(Kind kind, String detail) implements Serializable {
    private static final long serialVersionUID = 1;

    /**
     * What can speak against writing.
     *
     * <p>Immutable.
     */
    public enum Kind {
        /** The device can't be written. The one kind that no option overrides. */
        READ_ONLY,
        /** A filesystem on it is mounted. */
        MOUNTED,
        /** It holds swap space that is in use. */
        SWAP,
        /** Another device is built over it: LVM, RAID, encryption, a loop device. */
        HELD,
        /** The running system started from it. */
        SYSTEM,
        /** It holds a file that the caller named as his own, such as the image. */
        HOLDS_FILE,
        /** Somebody has it open as his own, and nothing tells who. Known only when it is opened. */
        BUSY
    }

    /** Checks that both are there. */
    public DiskUse {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(detail, "detail");
    }

    @Override
    public String toString() {
        return kind + " (" + detail + ")";
    }
}
