package io.platter.image;

import java.util.Objects;

/**
 * A half-open run of the bytes of an image's disk, {@code [offset, offset + length)}, of one kind.
 *
 * <p>Immutable.
 *
 * @param offset where the run starts, in bytes from the start of the disk; 0 or more
 * @param length how long it is, in bytes; 1 or more
 * @param kind what the image holds of the bytes
 * @param detail for {@link ImageExtentKind#FILL} the pattern, whose byte {@code i} (lowest first) stands at each disk
 *     offset that leaves the remainder {@code i} when divided by 8; for {@link ImageExtentKind#UNREADABLE} the operating
 *     system's error code, or 0 if none is known; else 0
 */
public record ImageExtent(long offset, long length, ImageExtentKind kind, long detail) {
    /** Checks the run. */
    public ImageExtent {
        Objects.requireNonNull(kind, "kind");
        if ((offset | length - 1 | offset + length) < 0) {
            throw new IllegalArgumentException(
                    "length " + length + " at offset " + offset + ", expected 1 or more at 0 or more");
        }
        if (detail != 0 && kind != ImageExtentKind.FILL && kind != ImageExtentKind.UNREADABLE) {
            throw new IllegalArgumentException("detail " + detail + " on an extent of kind " + kind + ", expected 0");
        }
    }

    /**
     * Creates a run without detail.
     *
     * @param offset where the run starts, in bytes
     * @param length how long it is, in bytes
     * @param kind what the image holds of the bytes
     */
    public ImageExtent(long offset, long length, ImageExtentKind kind) {
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
    public ImageExtent clip(long from, long to) {
        long start = Math.max(offset, from);
        return new ImageExtent(start, Math.min(end(), to) - start, kind, detail);
    }

    /**
     * Returns the operating system's error code of an {@link ImageExtentKind#UNREADABLE} run, 0 or more.
     *
     * @return 0 if the run is of another kind, or no code is known
     */
    public int osError() {
        return kind == ImageExtentKind.UNREADABLE && detail == (int) detail ? Math.max(0, (int) detail) : 0;
    }

    /** Tells whether a run starts where this one ends, and is of the same kind and detail. */
    public boolean joins(ImageExtent next) {
        return end() == next.offset && kind == next.kind && detail == next.detail;
    }

    /** Returns this run and the one that {@linkplain #joins joins} it as one. */
    public ImageExtent join(ImageExtent next) {
        return new ImageExtent(offset, length + next.length, kind, detail);
    }
}
