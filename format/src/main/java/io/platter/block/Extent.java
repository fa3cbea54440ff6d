package io.platter.block;

import java.util.Objects;

/**
 * A half-open run of a device's bytes, {@code [offset, offset + length)}, of one kind.
 *
 * <p>Immutable.
 *
 * @param offset where the run starts, in bytes from the start of the device; 0 or more
 * @param length how long it is, in bytes; 1 or more
 * @param kind what is known of the bytes
 */
public record Extent(long offset, long length, ExtentKind kind) {
    /** Checks the run. */
    public Extent {
        Objects.requireNonNull(kind, "kind");
        Ranges.checkRun(offset, length);
    }

    /** Returns the first offset after the run, in bytes. */
    public long end() {
        return offset + length;
    }

    /**
     * Returns the part of this run that lies in {@code [from, to)}.
     *
     * @throws IllegalArgumentException if no byte of this run lies there
     */
    public Extent clip(long from, long to) {
        long start = Math.max(offset, from);
        return new Extent(start, Math.min(end(), to) - start, kind);
    }

    /** Returns this run at another place. */
    public Extent at(long newOffset) {
        return new Extent(newOffset, length, kind);
    }
}
