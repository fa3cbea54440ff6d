package io.platter.block;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A file or disk from which a device's bytes come, or to which they go.
 *
 * <p>A job that writes one device while it reads another asks {@link #overwritten} first: what stands for the same bytes
 * is found under any name, as a file, through a loop device over it, or as a partition of its disk.
 *
 * <p>Immutable.
 *
 * @param storage what it is
 * @param offset where in it, in bytes
 * @param length how far, in bytes; {@link Long#MAX_VALUE} for all that follows
 * @param relation how the device's bytes and these are related
 */
public record Backing(FileIdentity storage, long offset, long length, Relation relation) {
    /**
     * How bytes of a device are related to those of a file or disk.
     *
     * <p>Immutable.
     */
    public enum Relation {
        /** They are these. */
        SAME,
        /** They are some of these, side by side with others: a logical volume on its physical one. */
        INSIDE,
        /** They are a file's on a filesystem that is somewhere on these. */
        STORED_ON
    }

    /** Checks the range. */
    public Backing {
        Objects.requireNonNull(storage, "storage");
        Objects.requireNonNull(relation, "relation");
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException("range of " + length + " bytes at offset " + offset);
        }
    }

    /** Returns the backing of a device that is all of a file or disk. */
    public static Backing of(FileIdentity storage) {
        return new Backing(storage, 0, Long.MAX_VALUE, Relation.SAME);
    }

    /** Returns the backing of a device that stands somewhere in a file or on a disk. */
    public static Backing of(FileIdentity storage, Relation relation) {
        return new Backing(storage, 0, Long.MAX_VALUE, relation);
    }

    /** Returns the backing of a part of this device. */
    Backing part(long start, long size) {
        return relation == Relation.SAME
                ? new Backing(storage, offset + start, Math.min(size, Math.max(0, length - start)), relation)
                : this;
    }

    /**
     * Finds what is read and would be overwritten.
     *
     * <p>That is so if what is written is the same storage as what is read, or holds it; or is a part of it. Two logical
     * volumes of one disk, or two files of one filesystem, are no such case, nor is a file on the disk that is read: it
     * grows on free space.
     *
     * @param written the backing of what is written
     * @param read the backing of what is read meanwhile
     * @return of {@code read}, the first that would be overwritten
     */
    public static Optional<Backing> overwritten(List<Backing> written, List<Backing> read) {
        return read.stream()
                .filter(source -> written.stream().anyMatch(target -> target.overwrites(source)))
                .findFirst();
    }

    private boolean overwrites(Backing read) {
        boolean related = relation == Relation.SAME || (relation == Relation.INSIDE && read.relation == Relation.SAME);
        return related
                && storage.equals(read.storage)
                && offset - read.offset < read.length
                && read.offset - offset < length;
    }
}
