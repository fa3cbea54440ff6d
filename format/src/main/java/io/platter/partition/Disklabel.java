package io.platter.partition;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A BSD disklabel, for reading: of a disk, or of an MBR partition that was sliced off as a device of its own. Its
 * partition {@code a} has index 1. Source: disklabel(5) and {@code sys/disklabel.h} of 4.4BSD.
 *
 * <p>Immutable.
 *
 * @param sectorSize the size of the sectors in which the label counts, in bytes
 * @param id the name of the pack, or an empty text
 * @param partitions by their letter; without unused ones, such as {@code c}, which stands for the whole disk
 * @param findings what is wrong
 * @param tableExtents the sector with the label
 */
public record Disklabel(
        int sectorSize, String id, List<Partition> partitions, List<Finding> findings, ExtentSet tableExtents)
        implements PartitionTable {
    private static final long MAGIC = 0x8256_4557L;
    /** Where the label starts in sector 0 on machines that do not keep it in sector 1. */
    private static final int[] OFFSETS_IN_SECTOR_0 = {64, 128};

    private static final int PACK_NAME_POSITION = 24;
    private static final int SECTOR_SIZE_POSITION = 40;
    private static final int MAGIC2_POSITION = 132;
    private static final int COUNT_POSITION = 138;
    private static final int PARTITIONS_POSITION = 148;
    private static final int PARTITION_LENGTH = 16;
    /** The index of the partition that stands for the whole: {@code c}. */
    private static final int RAW_INDEX = 3;

    static final int MAX_PARTITIONS = 22;
    private static final int LENGTH = PARTITIONS_POSITION + MAX_PARTITIONS * PARTITION_LENGTH;

    /** Checks the components. */
    public Disklabel {
        Objects.requireNonNull(id, "id");
        partitions = List.copyOf(partitions);
        findings = List.copyOf(findings);
        Objects.requireNonNull(tableExtents, "tableExtents");
    }

    @Override
    public PartitionScheme scheme() {
        return PartitionScheme.BSD;
    }

    /** Tells whether there is a label. */
    static boolean isPresent(TableSource source) throws IOException {
        return find(source).isPresent();
    }

    private static Optional<ByteReader> find(TableSource source) throws IOException {
        long[] places = {source.sectorSize(), OFFSETS_IN_SECTOR_0[0], OFFSETS_IN_SECTOR_0[1]};
        for (long place : places) {
            try {
                ByteReader in = source.read(place, LENGTH, ByteOrder.LITTLE_ENDIAN);
                if (in.readU32() == MAGIC && in.seek(MAGIC2_POSITION).readU32() == MAGIC) {
                    return Optional.of(in.seek(0));
                }
            } catch (CorruptImageException expected) {
                // Too short, or not readable: no label that we could read.
            }
        }
        return Optional.empty();
    }

    /**
     * Reads the label, if there is one.
     *
     * @param findings what is known already; takes what is found here
     */
    static Optional<Disklabel> read(TableSource source, Findings findings) throws IOException {
        Optional<ByteReader> label = find(source);
        return label.isEmpty() ? Optional.empty() : Optional.of(decode(source, label.get(), findings));
    }

    private static Disklabel decode(TableSource source, ByteReader in, Findings findings) throws IOException {
        long place = in.offset();
        String pack = in.seek(PACK_NAME_POSITION).readText(16, StandardCharsets.ISO_8859_1);
        long sectorSize = in.seek(SECTOR_SIZE_POSITION).readU32();
        if (Long.bitCount(sectorSize) != 1 || sectorSize < 512 || sectorSize > 65536) {
            findings.error(place, "sectors of " + sectorSize + " bytes in the disklabel");
            sectorSize = source.sectorSize();
        }
        int count = in.seek(COUNT_POSITION).readU16();
        if (count > MAX_PARTITIONS) {
            findings.error(place, "a disklabel of " + count + " partitions, only " + MAX_PARTITIONS + " are read");
            count = MAX_PARTITIONS;
        }
        if (checksum(in.seek(0), count) != 0) {
            findings.error(place, "the disklabel's checksum does not match");
        }
        List<Partition> partitions =
                partitions(in.seek(PARTITIONS_POSITION), count, source.withSectorSize((int) sectorSize), findings);
        PartitionCheck.check(partitions, 0, source.device().size(), findings);
        long sector = place / source.sectorSize() * source.sectorSize();
        return new Disklabel(
                (int) sectorSize,
                pack,
                partitions,
                findings.list(),
                ExtentSet.of(
                        sector, Math.min(source.sectorSize(), source.device().size() - sector)));
    }

    /** Returns the exclusive or of all pairs of bytes, its own field among them: 0 for a good label. */
    private static int checksum(ByteReader in, int count) throws IOException {
        int sum = 0;
        for (int i = 0; i < (PARTITIONS_POSITION + count * PARTITION_LENGTH) / 2; i++) {
            sum ^= in.readU16();
        }
        return sum;
    }

    /** Reads the partitions; a label in an MBR partition may count from the disk's start, then {@code c} says so. */
    private static List<Partition> partitions(ByteReader in, int count, TableSource source, Findings findings)
            throws IOException {
        long[] sizes = new long[count];
        long[] starts = new long[count];
        int[] types = new int[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = in.readU32();
            starts[i] = in.readU32();
            in.skip(4);
            types[i] = in.readU8();
            in.skip(3);
        }
        boolean hasRaw = count >= RAW_INDEX && types[RAW_INDEX - 1] == 0 && sizes[RAW_INDEX - 1] > 0;
        long base = hasRaw ? starts[RAW_INDEX - 1] : 0;
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (types[i] == 0 || sizes[i] == 0) {
                continue;
            }
            if (starts[i] < base) {
                findings.error(
                        0,
                        "partition " + (i + 1) + " of the disklabel starts at sector " + starts[i]
                                + ", before the whole, which starts at " + base);
                continue;
            }
            partitions.add(new Partition(
                    i + 1,
                    source.offset(starts[i] - base),
                    source.offset(sizes[i]),
                    new PartitionType(PartitionScheme.BSD, Integer.toString(types[i])),
                    "",
                    "",
                    0,
                    Set.of()));
        }
        return partitions;
    }
}
