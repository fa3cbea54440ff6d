package io.platter.job;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.image.ImageDescription;
import io.platter.image.PropertyKeys;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a capture takes of a disk, and what it does where the disk can't be read.
 *
 * <p>Presets:
 *
 * <ul>
 *   <li>{@link #defaults()}: what filesystems use, on proof; three more tries where the disk can't be read
 *   <li>{@link #everything()}: every byte of the disk
 *   <li>{@link #forensic()}: every byte that can be read, and the image says which can't
 * </ul>
 *
 * <p>Immutable.
 */
public final class CaptureOptions {
    private static final CaptureOptions DEFAULTS = builder().build();

    private final ReadErrorPolicy readErrors;
    private final int retries;
    private final boolean usedOnly;
    private final Optional<ExtentSet> only;
    private final boolean holdsStill;
    private final boolean paranoid;
    private final boolean resumesIfSamplesMatch;
    private final ImageDescription description;

    private CaptureOptions(Builder builder) {
        this.readErrors = builder.readErrors;
        this.retries = builder.retries;
        this.usedOnly = builder.usedOnly;
        this.only = builder.only;
        this.holdsStill = builder.holdsStill;
        this.paranoid = builder.paranoid;
        this.resumesIfSamplesMatch = builder.resumesIfSamplesMatch;
        this.description = builder.description;
    }

    /** Returns the options for a backup: what no filesystem uses is left out, and an unreadable sector ends the capture. */
    public static CaptureOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the options that keep every byte of the disk. */
    public static CaptureOptions everything() {
        return builder().usedOnly(false).build();
    }

    /** Returns the options for a disk that fails: every byte is read, three more times if need be, and what can't be is said. */
    public static CaptureOptions forensic() {
        return builder().usedOnly(false).onReadError(ReadErrorPolicy.SKIP, 3).build();
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
    public CaptureOptions with(Consumer<Builder> changes) {
        Builder builder = toBuilder();
        changes.accept(builder);
        return builder.build();
    }

    /** Returns what happens where the disk can't be read. */
    public ReadErrorPolicy readErrors() {
        return readErrors;
    }

    /** Returns how often a range that can't be read is read again. */
    public int retries() {
        return retries;
    }

    /** Returns whether bytes that no filesystem uses are left out. */
    public boolean usedOnly() {
        return usedOnly;
    }

    /** Returns the bytes that are captured; empty if all are. */
    public Optional<ExtentSet> only() {
        return only;
    }

    /** Returns whether nobody writes to the disk meanwhile, although it is in use. */
    public boolean holdsStill() {
        return holdsStill;
    }

    /** Returns whether bytes that are left out are kept all the same where they are not zeros. */
    public boolean paranoid() {
        return paranoid;
    }

    /** Returns whether a capture is also resumed on a source whose state is another, if samples of it are the same. */
    public boolean resumesIfSamplesMatch() {
        return resumesIfSamplesMatch;
    }

    /** Returns what the image says about its origin. */
    public ImageDescription description() {
        return description;
    }

    /** Returns what differs from the defaults. */
    @Override
    public String toString() {
        return new Changes(CaptureOptions.class)
                .add("readErrors", readErrors, DEFAULTS.readErrors)
                .add("retries", retries, DEFAULTS.retries)
                .add("usedOnly", usedOnly, DEFAULTS.usedOnly)
                .add("only", only.map(bytes -> bytes.bytes() + " bytes").orElse(""), "")
                .add("holdsStill", holdsStill, DEFAULTS.holdsStill)
                .add("paranoid", paranoid, DEFAULTS.paranoid)
                .add("resumesIfSamplesMatch", resumesIfSamplesMatch, DEFAULTS.resumesIfSamplesMatch)
                .add("description", description, DEFAULTS.description)
                .toString();
    }

    /**
     * Builds options.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private ReadErrorPolicy readErrors = ReadErrorPolicy.RETRY;
        private int retries = 3;
        private boolean usedOnly = true;
        private Optional<ExtentSet> only = Optional.empty();
        private boolean holdsStill;
        private boolean paranoid;
        private boolean resumesIfSamplesMatch;
        private ImageDescription description = ImageDescription.standard();

        private Builder() {}

        private Builder(CaptureOptions options) {
            this.readErrors = options.readErrors;
            this.retries = options.retries;
            this.usedOnly = options.usedOnly;
            this.only = options.only;
            this.holdsStill = options.holdsStill;
            this.paranoid = options.paranoid;
            this.resumesIfSamplesMatch = options.resumesIfSamplesMatch;
            this.description = options.description;
        }

        /**
         * Sets what happens where the disk can't be read: {@link ReadErrorPolicy#RETRY} three times unless said otherwise.
         *
         * @param count how often a range is read again, 0 or more; not used by {@link ReadErrorPolicy#ABORT}
         */
        public Builder onReadError(ReadErrorPolicy policy, int count) {
            if (count < 0) {
                throw new IllegalArgumentException("retries " + count + ", expected 0 or more");
            }
            readErrors = Objects.requireNonNull(policy, "policy");
            retries = count;
            return this;
        }

        /**
         * Sets whether bytes that no filesystem uses are left out, which is the default; see {@code DiskAllocation}. A byte is
         * left out only if the filesystem that it belongs to proves that it is free. A disk that is mounted, or that another
         * device is built on, is captured in full all the same, and {@link CaptureReport#inFullBecause} says so: others may
         * write to it meanwhile, so that nothing is proved. See {@link #holdsStill}.
         */
        public Builder usedOnly(boolean leaveOutUnused) {
            usedOnly = leaveOutUnused;
            return this;
        }

        /** Captures these bytes only; all others become UNUSED. */
        public Builder only(ExtentSet bytes) {
            only = Optional.of(bytes);
            return this;
        }

        /**
         * Declares that nobody writes to the disk while it is captured, although it is in use: it was frozen, or is mounted
         * read-only.
         */
        public Builder holdsStill(boolean still) {
            holdsStill = still;
            return this;
        }

        /**
         * Sets whether bytes that are left out, by {@link #usedOnly} or {@link #only}, are read all the same and kept where
         * they are not zeros: for users who do not trust a filesystem's word.
         */
        public Builder paranoid(boolean keepAllButZeros) {
            paranoid = keepAllButZeros;
            return this;
        }

        /**
         * Sets whether a capture is also resumed on a source whose {@linkplain BlockDevice#state state} is another than when it
         * was begun, if samples of the content are still the same. So a capture can be resumed when the system was restarted or
         * the disk attached again, which leaves no way to know whether it was written meanwhile. The image then says so, as
         * {@link PropertyKeys#SOURCE_CHANGED}. Without this, such a source is refused.
         */
        public Builder resumeIfSamplesMatch(boolean allowed) {
            resumesIfSamplesMatch = allowed;
            return this;
        }

        /** Sets what the image says about when, where, by what and of what it was made: all that is known by default. */
        public Builder describedBy(ImageDescription newDescription) {
            description = Objects.requireNonNull(newDescription, "newDescription");
            return this;
        }

        /** Returns the options. */
        public CaptureOptions build() {
            return new CaptureOptions(this);
        }
    }
}
