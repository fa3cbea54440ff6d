package io.platter.job;

import io.platter.image.ImageDescription;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a disk is converted.
 *
 * <p>Immutable.
 */
public final class ConvertOptions {
    private static final ConvertOptions DEFAULTS = builder().build();

    private final boolean verify;
    private final boolean replacesExisting;
    private final ImageDescription description;
    private final TargetRules target;

    private ConvertOptions(Builder builder) {
        this.verify = builder.verify;
        this.replacesExisting = builder.replacesExisting;
        this.description = builder.description;
        this.target = builder.target;
    }

    /** Returns the options that convert in one pass, to a file that does not exist yet. */
    public static ConvertOptions defaults() {
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
    public ConvertOptions with(Consumer<Builder> changes) {
        Builder builder = toBuilder();
        changes.accept(builder);
        return builder.build();
    }

    /** Returns whether what was written is read back and compared with the source. */
    public boolean verify() {
        return verify;
    }

    /** Returns whether a new file replaces one of its name. */
    public boolean replacesExisting() {
        return replacesExisting;
    }

    /** Returns what an image says about its origin. */
    public ImageDescription description() {
        return description;
    }

    /** Returns which disks are accepted as targets. */
    public TargetRules target() {
        return target;
    }

    /** Returns what differs from the defaults. */
    @Override
    public String toString() {
        return new Changes(ConvertOptions.class)
                .add("verify", verify, DEFAULTS.verify)
                .add("replacesExisting", replacesExisting, DEFAULTS.replacesExisting)
                .add("description", description, DEFAULTS.description)
                .add("target", target, DEFAULTS.target)
                .toString();
    }

    /**
     * Builds options.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private boolean verify;
        private boolean replacesExisting;
        private ImageDescription description = ImageDescription.standard();
        private TargetRules target = TargetRules.defaults();

        private Builder() {}

        private Builder(ConvertOptions options) {
            this.verify = options.verify;
            this.replacesExisting = options.replacesExisting;
            this.description = options.description;
            this.target = options.target;
        }

        /**
         * Sets whether what was written is read back and compared with the source. Progress goes to twice the disk's size
         * then.
         */
        public Builder verify(boolean readBack) {
            verify = readBack;
            return this;
        }

        /**
         * Sets whether a new file replaces one that has its name already, in one step when it is complete; otherwise such a
         * name is refused. A symbolic link stays one, and what it points to is replaced.
         *
         * @see io.platter.image.ImageOptions.Builder#replaceExisting for a conversion to an image
         */
        public Builder replaceExisting(boolean replace) {
            replacesExisting = replace;
            return this;
        }

        /**
         * Sets what an image of a device says about when, where, by what and of what it was made: all that is known by
         * default. An image of an image says what that one says.
         */
        public Builder describedBy(ImageDescription newDescription) {
            description = Objects.requireNonNull(newDescription, "newDescription");
            return this;
        }

        /** Sets which disks are accepted as targets. */
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
        public ConvertOptions build() {
            return new ConvertOptions(this);
        }
    }
}
