package io.platter.image;

import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * How an image is written.
 *
 * <p>Immutable.
 */
public final class ImageOptions {
    private static final ImageOptions DEFAULTS = new Builder().build();

    private final int level;
    private final int frameSize;
    private final CutRule cut;
    private final long checkpointInterval;
    private final boolean replacesExisting;
    private final boolean discardsDamagedEnd;
    private final Optional<FileId> fileId;

    private ImageOptions(Builder builder) {
        this.level = builder.level;
        this.frameSize = builder.frameSize;
        this.cut = builder.cut;
        this.checkpointInterval = builder.checkpointInterval;
        this.replacesExisting = builder.replacesExisting;
        this.discardsDamagedEnd = builder.discardsDamagedEnd;
        this.fileId = builder.fileId;
    }

    /**
     * Returns the options for most uses: zstd level 1, frames of 1 MiB, blocks cut by content, a checkpoint after each 4 GiB of data.
     */
    public static ImageOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the options for an image that is kept long or sent far: zstd level 12, frames of 4 MiB. Three to five times slower. */
    public static ImageOptions small() {
        return builder().level(12).frameSize(Limits.MAX_FRAME).build();
    }

    /** Returns a builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that starts from these options. */
    public Builder toBuilder() {
        Builder builder = new Builder()
                .level(level)
                .frameSize(frameSize)
                .cut(cut)
                .checkpointInterval(checkpointInterval)
                .replaceExisting(replacesExisting)
                .discardDamagedEnd(discardsDamagedEnd);
        builder.fileId = fileId;
        return builder;
    }

    /** Returns the zstd level. */
    public int level() {
        return level;
    }

    /** Returns the most plain bytes that are compressed together. */
    public int frameSize() {
        return frameSize;
    }

    /** Returns where blocks end. */
    public CutRule cut() {
        return cut;
    }

    /** Returns after how many bytes of data a checkpoint is written. */
    public long checkpointInterval() {
        return checkpointInterval;
    }

    /** Returns whether a new file replaces one that has its name already. */
    public boolean replacesExisting() {
        return replacesExisting;
    }

    /** Returns whether a damaged end may be cut off. */
    public boolean discardsDamagedEnd() {
        return discardsDamagedEnd;
    }

    /** Returns the id that a new file gets, if it is not to be random. */
    public Optional<FileId> fileId() {
        return fileId;
    }

    /** Returns what differs from the defaults. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "ImageOptions[", "]");
        if (level != DEFAULTS.level) {
            text.add("level=" + level);
        }
        if (frameSize != DEFAULTS.frameSize) {
            text.add("frameSize=" + frameSize);
        }
        if (cut.fixedSize() != DEFAULTS.cut.fixedSize()) {
            text.add("cut=" + cut);
        }
        if (checkpointInterval != DEFAULTS.checkpointInterval) {
            text.add("checkpointInterval=" + checkpointInterval);
        }
        if (replacesExisting) {
            text.add("replacesExisting");
        }
        if (discardsDamagedEnd) {
            text.add("discardsDamagedEnd");
        }
        fileId.ifPresent(id -> text.add("fileId=" + id));
        return text.toString();
    }

    /**
     * Builds options.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private int level = 1;
        private int frameSize = 1 << 20;
        private CutRule cut = CutRule.byContent();
        private long checkpointInterval = 4L << 30;
        private boolean replacesExisting;
        private boolean discardsDamagedEnd;
        private Optional<FileId> fileId = Optional.empty();

        private Builder() {}

        /**
         * Sets the zstd level.
         *
         * @param level 1 (fast) to 19 (small)
         */
        public Builder level(int level) {
            this.level = (int) check("level", level, 1, 19);
            return this;
        }

        /**
         * Sets how much is compressed together: larger is smaller, and a random read costs up to one frame.
         *
         * @param bytes 256 KiB to 4 MiB
         */
        public Builder frameSize(int bytes) {
            this.frameSize = (int) check("frame size", bytes, Limits.MAX_BLOCK, Limits.MAX_FRAME);
            return this;
        }

        /** Sets where blocks end. */
        public Builder cut(CutRule rule) {
            this.cut = Objects.requireNonNull(rule, "rule");
            return this;
        }

        /**
         * Sets after how much data a checkpoint is written, from which a killed capture resumes. It is counted in
         * bytes and not in seconds, so that the image's bytes depend on nothing but the disk.
         *
         * @param bytes 1 MiB or more
         */
        public Builder checkpointInterval(long bytes) {
            this.checkpointInterval = check("checkpoint interval", bytes, 1 << 20, Long.MAX_VALUE);
            return this;
        }

        /**
         * Sets whether a new file replaces one that has its name already, in one step when it is finished; otherwise
         * such a name is refused. A symbolic link stays one, and what it points to is replaced.
         */
        public Builder replaceExisting(boolean replace) {
            this.replacesExisting = replace;
            return this;
        }

        /**
         * Sets whether an append or a resume may cut off the end of a file that is damaged, with the images that follow
         * the damage; otherwise it refuses the file. The reader's {@link FileEnd} tells how much that is, and what is cut off
         * can't be had back. An end that was torn by an interruption is cut off in any case.
         */
        public Builder discardDamagedEnd(boolean discard) {
            this.discardsDamagedEnd = discard;
            return this;
        }

        /**
         * Sets the id that a new file gets: with it, the same input and options give the same bytes. Otherwise it is random,
         * so that nobody whose disk is captured can know it before.
         */
        public Builder fileId(FileId id) {
            this.fileId = Optional.of(id);
            return this;
        }

        /** Returns the options. */
        public ImageOptions build() {
            return new ImageOptions(this);
        }

        private static long check(String what, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(what + " " + value + ", expected " + least + " to " + most);
            }
            return value;
        }
    }
}
