package io.platter.block;

/**
 * A half-open run of a disk's bytes, {@code [offset, offset + length)}, that could not be read.
 *
 * <p>Immutable.
 *
 * @param offset where the run starts, in bytes from the start of the disk; 0 or more
 * @param length how long it is, in bytes; 1 or more
 * @param osError the operating system's error code, such as 5 for {@code EIO} on Linux; 0 if none is known
 */
public record UnreadableRange(long offset, long length, int osError) {
    /** Checks the run. */
    public UnreadableRange {
        Ranges.checkRun(offset, length);
        if (osError < 0) {
            throw new IllegalArgumentException("error code " + osError + ", expected 0 or more");
        }
    }

    /** Returns the first offset after the run, in bytes. */
    public long end() {
        return offset + length;
    }

    /** Tells whether a run starts where this one ends, and failed in the same way. */
    public boolean joins(UnreadableRange next) {
        return end() == next.offset && osError == next.osError;
    }

    /** Returns this run and the one that {@linkplain #joins joins} it as one. */
    public UnreadableRange join(UnreadableRange next) {
        return new UnreadableRange(offset, length + next.length, osError);
    }
}
