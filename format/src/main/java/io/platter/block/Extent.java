package io.platter.block;

import java.util.Objects;

/**
 * A half-open run of bytes, {@code [offset, offset + length)}, of one kind.
 *
 * <p>Immutable.
 *
 * @param offset where the run starts, in bytes from the start of the disk; 0 or more
 * @param length how long it is, in bytes; 1 or more
 * @param kind what the bytes are
 * @param detail for {@link ExtentKind#FILL} the pattern, whose byte {@code i} (lowest first) stands at each disk offset
 *     that leaves the remainder {@code i} when divided by 8; for {@link ExtentKind#UNREADABLE} the operating system's
 *     error code, or 0 if none is known; else 0
 */
public record Extent(long offset, long length, ExtentKind kind, long detail) {
    /** Checks the run. */
    public Extent {
        Objects.requireNonNull(kind, "kind");
        if (offset < 0) {
            throw new IllegalArgumentException("offset " + offset + ", expected 0 or more");
        }
        if (length <= 0 || offset + length < 0) {
            throw new IllegalArgumentException("length " + length + " at offset " + offset + ", expected 1 or more");
        }
        if (detail != 0 && kind != ExtentKind.FILL && kind != ExtentKind.UNREADABLE) {
            throw new IllegalArgumentException("detail " + detail + " on an extent of kind " + kind + ", expected 0");
        }
    }

    /**
     * Creates a run without detail.
     *
     * @param offset where the run starts, in bytes
     * @param length how long it is, in bytes
     * @param kind what the bytes are
     */
    public Extent(long offset, long length, ExtentKind kind) {
        this(offset, length, kind, 0);
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
        return new Extent(start, Math.min(end(), to) - start, kind, detail);
    }

    /** Returns this run at another place. */
    public Extent at(long newOffset) {
        return new Extent(newOffset, length, kind, detail);
    }
}
