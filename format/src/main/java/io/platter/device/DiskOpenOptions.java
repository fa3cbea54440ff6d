package io.platter.device;

import io.platter.block.DiskUse;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * How a disk is opened.
 *
 * <p>Immutable.
 */
public final class DiskOpenOptions {
    private final Set<DiskUse.Kind> overridden;
    private final boolean directIo;

    private DiskOpenOptions(Builder builder) {
        this.overridden = Set.copyOf(builder.overridden);
        this.directIo = builder.directIo;
    }

    /** Returns the options that are right as a rule: direct I/O, nothing overridden. */
    public static DiskOpenOptions defaults() {
        return builder().build();
    }

    /** Returns a builder that starts from {@link #defaults()}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that starts from these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.overridden.addAll(overridden);
        builder.directIo = directIo;
        return builder;
    }

    /** Returns the kinds of use that do not stop a disk from being written. */
    public Set<DiskUse.Kind> overridden() {
        return overridden;
    }

    /** Tells whether bytes go past the system's page cache where the platform can do that. */
    public boolean directIo() {
        return directIo;
    }

    /**
     * Gathers options.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private final Set<DiskUse.Kind> overridden = EnumSet.noneOf(DiskUse.Kind.class);
        private boolean directIo = true;

        private Builder() {}

        /**
         * Lets the disk be written although it has uses of this kind, whose data may then be destroyed. Overriding
         * {@link DiskUse.Kind#MOUNTED}, {@link DiskUse.Kind#SWAP}, {@link DiskUse.Kind#HELD} or
         * {@link DiskUse.Kind#BUSY} also gives up holding the disk exclusively where the system can't grant that.
         *
         * @throws IllegalArgumentException for {@link DiskUse.Kind#READ_ONLY}, which can't be overridden
         */
        public Builder writeEvenIf(DiskUse.Kind kind) {
            if (kind == DiskUse.Kind.READ_ONLY) {
                throw new IllegalArgumentException("a read-only disk can't be written");
            }
            overridden.add(Objects.requireNonNull(kind, "kind"));
            return this;
        }

        /** Sets whether bytes go past the system's page cache where the platform can do that; true by default. */
        public Builder directIo(boolean direct) {
            this.directIo = direct;
            return this;
        }

        /** Returns the options. */
        public DiskOpenOptions build() {
            return new DiskOpenOptions(this);
        }
    }
}
