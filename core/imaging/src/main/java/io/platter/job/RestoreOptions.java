package io.platter.job;

import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What a restore writes to a disk, and to which disks.
 *
 * <p>Immutable.
 */
public final class RestoreOptions {
    private static final RestoreOptions DEFAULTS = builder().build();

    private final boolean compare;
    private final OptionalInt partition;
    private final boolean allowsSmaller;
    private final TargetRules target;

    private RestoreOptions(Builder builder) {
        this.compare = builder.compare;
        this.partition = builder.partition;
        this.allowsSmaller = builder.allowsSmaller;
        this.target = builder.target;
    }

    /** Returns the options that restore the whole disk, to one that is at least as large and has the same sectors. */
    public static RestoreOptions defaults() {
        return DEFAULTS;
    }

    /** Returns a builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that starts from these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Returns these options with some changes. */
    public RestoreOptions with(Consumer<Builder> changes) {
        Builder builder = toBuilder();
        changes.accept(builder);
        return builder.build();
    }

    /** Returns whether the target is read first, and only what differs is written. */
    public boolean compare() {
        return compare;
    }

    /** Returns the partition that is restored; empty if the whole disk is. */
    public OptionalInt partition() {
        return partition;
    }

    /** Returns whether the target may be smaller than the image's disk. */
    public boolean allowsSmaller() {
        return allowsSmaller;
    }

    /** Returns which targets are accepted. */
    public TargetRules target() {
        return target;
    }

    /** Returns what differs from the defaults. */
    @Override
    public String toString() {
        return new Changes(RestoreOptions.class)
                .add("compare", compare, DEFAULTS.compare)
                .add("partition", partition, DEFAULTS.partition)
                .add("allowsSmaller", allowsSmaller, DEFAULTS.allowsSmaller)
                .add("target", target, DEFAULTS.target)
                .toString();
    }

    /**
     * Builds options.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private boolean compare;
        private OptionalInt partition = OptionalInt.empty();
        private boolean allowsSmaller;
        private TargetRules target = TargetRules.defaults();

        private Builder() {}

        private Builder(RestoreOptions options) {
            this.compare = options.compare;
            this.partition = options.partition;
            this.allowsSmaller = options.allowsSmaller;
            this.target = options.target;
        }

        /** Sets whether the target is read first, and only what differs is written. */
        public Builder compare(boolean onlyDifferences) {
            compare = onlyDifferences;
            return this;
        }

        /**
         * Restores one partition of the image's disk only, to a device that stands for the partition: on a larger one, too,
         * marks of what it was before become zeros up to its end.
         *
         * @param index the partition's number in the image's partition table
         */
        public Builder partition(int index) {
            partition = OptionalInt.of(index);
            return this;
        }

        /**
         * Allows a disk that is smaller than the image's, if all partitions and all that is kept fit on it. A volume on a disk
         * without partitions needs as much as it says of itself, however little of it is used, and all of the image's disk if
         * that is not known. The backup of a GPT is moved to the disk's end.
         */
        public Builder allowSmaller(boolean allowed) {
            allowsSmaller = allowed;
            return this;
        }

        /** Sets which targets are accepted. */
        public Builder target(TargetRules rules) {
            target = Objects.requireNonNull(rules, "rules");
            return this;
        }

        /** Accepts a device with other sectors: see {@link TargetRules#anySectorSize(boolean)}. */
        public Builder anySectorSize(boolean accepted) {
            return target(target.anySectorSize(accepted));
        }

        /** Accepts a target that holds a Platter image: see {@link TargetRules#overImage(boolean)}. */
        public Builder overImage(boolean accepted) {
            return target(target.overImage(accepted));
        }

        /** Returns the options. */
        public RestoreOptions build() {
            return new RestoreOptions(this);
        }
    }
}
