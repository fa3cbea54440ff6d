package io.platter.virtualdisk;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a disk file is read or written. What a format has no use for is ignored by it.
 *
 * <p>Immutable.
 */
public final class VirtualDiskOptions {
    /** How many disks may stand on each other. */
    public static final int MAX_PARENTS = 64;

    private final FileResolver resolver;
    private final @Nullable List<VirtualDiskFormat> parentFormats;
    private final @Nullable String snapshot;
    private final @Nullable String subformat;
    private final Compression compression;
    private final int compressionLevel;
    private final int blockSize;
    private final int logicalSectorSize;
    private final @Nullable UUID id;
    private final int depth;

    private VirtualDiskOptions(Builder builder) {
        resolver = builder.resolver;
        parentFormats = builder.parentFormats;
        snapshot = builder.snapshot;
        subformat = builder.subformat;
        compression = builder.compression;
        compressionLevel = builder.compressionLevel;
        blockSize = builder.blockSize;
        logicalSectorSize = builder.logicalSectorSize;
        id = builder.id;
        depth = builder.depth;
    }

    /** Returns the options that ask for nothing: each format's defaults, no resolver, no compression. */
    public static VirtualDiskOptions defaults() {
        return builder().build();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.resolver = resolver;
        builder.parentFormats = parentFormats;
        builder.snapshot = snapshot;
        builder.subformat = subformat;
        builder.compression = compression;
        builder.compressionLevel = compressionLevel;
        builder.blockSize = blockSize;
        builder.logicalSectorSize = logicalSectorSize;
        builder.id = id;
        builder.depth = depth;
        return builder;
    }

    /** Returns who decides about files that the file names; {@link FileResolver#NONE} if nobody was given. */
    public FileResolver resolver() {
        return resolver;
    }

    /** Returns the formats that a parent may have; {@link VirtualDisks#formats()} if none were given. */
    public List<VirtualDiskFormat> parentFormats() {
        return parentFormats == null ? VirtualDisks.formats() : parentFormats;
    }

    /** Returns the id or name of the internal snapshot that is read; nothing for the disk's current state. */
    public Optional<String> snapshot() {
        return Optional.ofNullable(snapshot);
    }

    /** Returns which variant of the format is written; nothing for the format's usual one. */
    public Optional<String> subformat() {
        return Optional.ofNullable(subformat);
    }

    /** Returns how blocks are compressed. */
    public Compression compression() {
        return compression;
    }

    /** Returns the compression's level; 0 for its usual one. */
    public int compressionLevel() {
        return compressionLevel;
    }

    /** Returns the size in bytes of the unit that is stored at once, whatever the format calls it; 0 for its usual one. */
    public int blockSize() {
        return blockSize;
    }

    /** Returns the size in bytes of the disk's logical sector. */
    public int logicalSectorSize() {
        return logicalSectorSize;
    }

    /** Returns the disk's identifier in the new file; a random one if none was given. */
    public UUID id() {
        return id == null ? UUID.randomUUID() : id;
    }

    /**
     * Returns the options with which the parent of a disk is opened; nothing if that would be one parent too many, as
     * below a file that names itself.
     */
    public Optional<VirtualDiskOptions> forParent() {
        Builder builder = toBuilder();
        builder.snapshot = null;
        builder.depth = depth + 1;
        return depth < MAX_PARENTS ? Optional.of(builder.build()) : Optional.empty();
    }

    /**
     * Gathers options.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private FileResolver resolver = FileResolver.NONE;
        private @Nullable List<VirtualDiskFormat> parentFormats;
        private @Nullable String snapshot;
        private @Nullable String subformat;
        private Compression compression = Compression.NONE;
        private int compressionLevel;
        private int blockSize;
        private int logicalSectorSize = 512;
        private @Nullable UUID id;
        private int depth;

        private Builder() {}

        /** Sets what decides about files that the file names. */
        public Builder resolver(FileResolver value) {
            resolver = Objects.requireNonNull(value, "resolver");
            return this;
        }

        /** Sets the formats that a parent may have. */
        public Builder parentFormats(List<VirtualDiskFormat> value) {
            parentFormats = List.copyOf(value);
            return this;
        }

        /** Sets the internal snapshot that is read, by its id or its name. */
        public Builder snapshot(String value) {
            snapshot = Objects.requireNonNull(value, "snapshot");
            return this;
        }

        /** Sets the variant of the format that is written, in the format's own word: {@code fixed}. */
        public Builder subformat(String value) {
            subformat = Objects.requireNonNull(value, "subformat");
            return this;
        }

        /** Sets how blocks are compressed. */
        public Builder compression(Compression value) {
            compression = Objects.requireNonNull(value, "compression");
            return this;
        }

        /**
         * Sets the compression's level; 0 is its usual one.
         *
         * @throws IllegalArgumentException if it is not 0 to 22
         */
        public Builder compressionLevel(int value) {
            if (value < 0 || value > 22) {
                throw new IllegalArgumentException("compression level " + value + ", expected 0 to 22");
            }
            compressionLevel = value;
            return this;
        }

        /**
         * Sets the size in bytes of the unit that is stored at once: a qcow2 cluster, a VHD block, a VMDK grain.
         *
         * @throws IllegalArgumentException if it is not a power of two from 512 up to 256 MiB; each format has narrower
         *     limits of its own
         */
        public Builder blockSize(int value) {
            if (value < 512 || value > 1 << 28 || Integer.bitCount(value) != 1) {
                throw new IllegalArgumentException(
                        "block size " + value + ", expected a power of two from 512 to " + (1 << 28));
            }
            blockSize = value;
            return this;
        }

        /**
         * Sets the size in bytes of the disk's logical sector.
         *
         * @throws IllegalArgumentException if it is neither 512 nor 4096
         */
        public Builder logicalSectorSize(int value) {
            if (value != 512 && value != 4096) {
                throw new IllegalArgumentException("logical sector size " + value + ", expected 512 or 4096");
            }
            logicalSectorSize = value;
            return this;
        }

        /** Sets the disk's identifier in the new file. With it, the same input gives the same bytes. */
        public Builder id(UUID value) {
            id = Objects.requireNonNull(value, "id");
            return this;
        }

        /** Returns the options. */
        public VirtualDiskOptions build() {
            return new VirtualDiskOptions(this);
        }
    }
}
