package io.platter.partition;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a new partition table shall look like, whatever the disk.
 *
 * <p>Immutable.
 */
public final class PartitionLayout {
    /** Where partitions start by default: at multiples of 1 MiB, as all systems have done since 2007. */
    public static final long DEFAULT_ALIGNMENT = 1 << 20;

    /** The number of entries of a GPT by default. UEFI asks for 16 KiB of them at least. */
    public static final int DEFAULT_ENTRIES = 128;

    private final PartitionScheme scheme;
    private final long alignment;
    private final int sectorSize;
    private final int entries;
    private final @Nullable UUID diskId;
    private final int signature;
    private final List<PartitionSpec> partitions;

    private PartitionLayout(Builder builder) {
        scheme = builder.scheme;
        alignment = builder.alignment;
        sectorSize = builder.sectorSize;
        entries = builder.entries;
        diskId = builder.diskId;
        signature = builder.signature;
        partitions = List.copyOf(builder.partitions);
    }

    /** Returns a builder of a GPT without partitions. */
    public static Builder gpt() {
        return new Builder(PartitionScheme.GPT);
    }

    /** Returns a builder of an MBR without partitions. */
    public static Builder mbr() {
        return new Builder(PartitionScheme.MBR);
    }

    List<PartitionSpec> partitions() {
        return partitions;
    }

    long alignment() {
        return alignment;
    }

    /**
     * Returns the table that this layout gives on a disk; nothing is written.
     *
     * @param diskSize in bytes
     * @param deviceSectorSize in bytes; used unless the layout has a sector size of its own
     * @param random where the identities come from that the layout does not give; a
     *     {@link java.security.SecureRandom} as a rule
     * @throws IllegalArgumentException if the partitions do not fit, or the sector size is none
     */
    public PartitionTable tableFor(long diskSize, int deviceSectorSize, RandomGenerator random) {
        int size = sectorSize == 0 ? TableSource.checkSectorSize(deviceSectorSize) : sectorSize;
        if (alignment % size != 0) {
            throw new IllegalArgumentException(
                    "alignment " + alignment + ", expected a multiple of the sector size " + size);
        }
        if (scheme == PartitionScheme.GPT) {
            return GptPlan.table(this, entries, diskId, diskSize, size, random);
        }
        return MbrPlan.table(this, signature == 0 ? Mbr.randomDiskId(random) : signature, diskSize, size);
    }

    /**
     * Writes the table that this layout gives on a disk, as {@link PartitionTables#write} does, in place of whatever
     * table was there. The operating system is not told.
     *
     * @param random see {@link #tableFor}
     * @return the bytes that were written
     * @throws IllegalArgumentException if the partitions do not fit; nothing is written then
     * @throws IllegalStateException if the device is not writable
     * @throws DeviceException if the device can't read or write
     */
    public ExtentSet write(BlockDevice device, RandomGenerator random) throws IOException {
        PartitionTable table = tableFor(device.size(), device.logicalSectorSize(), random);
        ExtentSet written = PartitionTables.write(table, device);
        return written.union(eraseGptHeaders(device, written));
    }

    /** Takes away the headers of an older GPT, which else might be found beside the new table one day. */
    private static ExtentSet eraseGptHeaders(BlockDevice device, ExtentSet table) throws IOException {
        byte[] signature = "EFI PART".getBytes(StandardCharsets.US_ASCII);
        ExtentSet.Builder erased = ExtentSet.builder();
        for (int size : GptReader.SECTOR_SIZES) {
            for (long place : new long[] {size, device.size() / size * size - size}) {
                if (place < size || place > device.size() - size || table.intersects(place, size)) {
                    continue;
                }
                ByteBuffer found = ByteBuffer.allocate(signature.length);
                device.read(found, place);
                if (found.flip().equals(ByteBuffer.wrap(signature))) {
                    device.write(ByteBuffer.allocate(size), place);
                    erased.add(place, size);
                }
            }
        }
        device.flush();
        return erased.build();
    }

    /**
     * Gathers a layout.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private final PartitionScheme scheme;
        private final List<PartitionSpec> partitions = new ArrayList<>();
        private long alignment = DEFAULT_ALIGNMENT;
        private int sectorSize;
        private int entries = DEFAULT_ENTRIES;
        private @Nullable UUID diskId;
        private int signature;

        private Builder(PartitionScheme scheme) {
            this.scheme = scheme;
        }

        /** Adds a partition after those that are there. */
        public Builder add(PartitionSpec partition) {
            partitions.add(Objects.requireNonNull(partition, "partition"));
            return this;
        }

        /**
         * Sets the unit of bytes at whose multiples partitions start, unless they have a fixed place.
         *
         * @param newAlignment a multiple of the sector size; 1 MiB by default
         */
        public Builder alignment(long newAlignment) {
            if (newAlignment < 512 || newAlignment > 1L << 40) {
                throw new IllegalArgumentException("alignment " + newAlignment + ", expected 512 bytes to 1 TiB");
            }
            alignment = newAlignment;
            return this;
        }

        /**
         * Sets the size of the disk's sectors, which an image file of the disk can't say; by default it is the device's.
         *
         * @param newSectorSize in bytes: 512, 1024, 2048 or 4096
         */
        public Builder sectorSize(int newSectorSize) {
            if (!GptReader.SECTOR_SIZES.contains(newSectorSize)) {
                throw new IllegalArgumentException(
                        "sector size " + newSectorSize + ", expected one of " + GptReader.SECTOR_SIZES);
            }
            sectorSize = newSectorSize;
            return this;
        }

        /** Sets the identity of a GPT's disk, which is random by default. */
        public Builder diskId(UUID newDiskId) {
            diskId = Objects.requireNonNull(newDiskId, "newDiskId");
            return this;
        }

        /**
         * Sets the signature of an MBR's disk, which is random by default.
         *
         * @param newSignature not 0
         */
        public Builder signature(int newSignature) {
            if (newSignature == 0) {
                throw new IllegalArgumentException("signature 0, which means that there is none");
            }
            signature = newSignature;
            return this;
        }

        /**
         * Sets the number of entries that a GPT has room for.
         *
         * @param newEntries 1 to 65,536; {@link #DEFAULT_ENTRIES} by default
         */
        public Builder entries(int newEntries) {
            int max = GptHeader.MAX_ENTRIES_LENGTH / GptHeader.MIN_ENTRY_SIZE;
            if (newEntries < 1 || newEntries > max) {
                throw new IllegalArgumentException("entries " + newEntries + ", expected 1 to " + max);
            }
            entries = newEntries;
            return this;
        }

        /**
         * Returns the layout.
         *
         * @throws IllegalArgumentException if its parts do not agree with each other or with the kind of table
         */
        public PartitionLayout build() {
            require(partitions.stream().filter(PartitionSpec::isRest).count() <= 1, "two partitions take the rest");
            partitions.forEach(spec -> PartitionType.of(scheme, spec.type()));
            if (scheme == PartitionScheme.GPT) {
                require(signature == 0, "a signature in a GPT");
                require(partitions.stream().noneMatch(PartitionSpec::isLogical), "a logical partition in a GPT");
                require(partitions.size() <= entries, "more partitions than the GPT's " + entries + " entries");
            } else {
                checkMbr();
            }
            return new PartitionLayout(this);
        }

        private void checkMbr() {
            require(diskId == null && entries == DEFAULT_ENTRIES, "a disk id or a number of entries in an MBR");
            int slots = 0;
            int runs = 0;
            boolean afterLogical = false;
            for (PartitionSpec spec : partitions) {
                require(
                        spec.name().isEmpty() && spec.id() == null && spec.hasNoAttributes(),
                        "a name, an id or attributes in an MBR");
                require(!(spec.isLogical() && spec.isFixed()), "a logical partition at a fixed place");
                require(!isExtended(spec), "an extended partition, which logical ones bring with them");
                boolean startsRun = spec.isLogical() && !afterLogical;
                runs += startsRun ? 1 : 0;
                slots += startsRun || !spec.isLogical() ? 1 : 0;
                afterLogical = spec.isLogical();
            }
            require(runs <= 1, "logical partitions that are not in one run");
            require(slots <= 4, "more than four primary partitions, the extended one among them");
            require(
                    partitions.stream().filter(PartitionSpec::isBootable).count() <= 1,
                    "two bootable partitions in an MBR");
        }

        private static boolean isExtended(PartitionSpec spec) {
            int code = PartitionType.of(PartitionScheme.MBR, spec.type()).mbrCode();
            return new MbrEntry(0, code, 0, 0).isExtended();
        }

        private static void require(boolean condition, String problem) {
            if (!condition) {
                throw new IllegalArgumentException("the layout has " + problem);
            }
        }
    }
}
