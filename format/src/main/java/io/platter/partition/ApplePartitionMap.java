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
 * An Apple partition map, for reading: block 0 describes the drive, then one block a partition, the first of which is
 * the map itself. Free space has entries too, which are no partitions. Source: Inside Macintosh: Devices (1994), chapter 3, "Partition map".
 *
 * <p>Immutable.
 *
 * @param sectorSize the size of the map's blocks, in bytes
 * @param partitions by their place in the map
 * @param findings what is wrong
 * @param tableExtents block 0 and the map's blocks
 */
public record ApplePartitionMap(
        int sectorSize, List<Partition> partitions, List<Finding> findings, ExtentSet tableExtents)
        implements PartitionTable {
    /** The letters {@code ER}. */
    private static final int DRIVER_SIGNATURE = 0x4552;
    /** The letters {@code PM}. */
    private static final int ENTRY_SIGNATURE = 0x504D;

    private static final int ENTRY_LENGTH = 512;
    private static final int TEXT_LENGTH = 32;
    /** Entries for space that no partition has. */
    private static final Set<String> UNUSED_TYPES = Set.of("Apple_Free", "Apple_Void");

    /** Ours: maps have a dozen entries. */
    static final int MAX_ENTRIES = 1024;

    /** Checks the components. */
    public ApplePartitionMap {
        partitions = List.copyOf(partitions);
        findings = List.copyOf(findings);
        Objects.requireNonNull(tableExtents, "tableExtents");
    }

    @Override
    public PartitionScheme scheme() {
        return PartitionScheme.APPLE;
    }

    @Override
    public String id() {
        return "";
    }

    /** Tells whether a disk's first sector describes the drive of a Macintosh, and the map's first entry follows. */
    static boolean isPresent(TableSource any) throws IOException {
        return blockSize(any).isPresent();
    }

    /** Returns the size of the map's blocks; discs for both sizes give the larger one and have the smaller. */
    private static Optional<Integer> blockSize(TableSource any) throws IOException {
        try {
            ByteReader in = any.read(0, 4, ByteOrder.BIG_ENDIAN);
            if (in.readU16() != DRIVER_SIGNATURE) {
                return Optional.empty();
            }
            int claimed = in.readU16();
            for (int size : new int[] {claimed, ENTRY_LENGTH}) {
                if (Integer.bitCount(size) == 1
                        && size >= ENTRY_LENGTH
                        && any.read(size, 2, ByteOrder.BIG_ENDIAN).readU16() == ENTRY_SIGNATURE) {
                    return Optional.of(size);
                }
            }
        } catch (CorruptImageException expected) {
            // Too short, or not readable: no map that we could read.
        }
        return Optional.empty();
    }

    /**
     * Reads the map, if there is one.
     *
     * @param findings what is known already; takes what is found here
     */
    static Optional<ApplePartitionMap> read(TableSource any, Findings findings) throws IOException {
        Optional<Integer> blockSize = blockSize(any);
        if (blockSize.isEmpty()) {
            return Optional.empty();
        }
        TableSource source = any.withSectorSize(blockSize.get());
        List<Partition> partitions = new ArrayList<>();
        long count = 1;
        for (int index = 1; index <= count; index++) {
            try {
                ByteReader in = source.read(source.offset(index), ENTRY_LENGTH, ByteOrder.BIG_ENDIAN);
                if (in.readU16() != ENTRY_SIGNATURE) {
                    throw source.corrupt(source.offset(index), "the entry's signature is missing");
                }
                in.skip(2);
                count = index == 1 ? count(in.readU32(), findings) : count;
                readEntry(in.seek(8), index, source, findings).ifPresent(partitions::add);
            } catch (CorruptImageException e) {
                findings.error("entry " + index + " of the Apple partition map", e);
                break;
            }
        }
        PartitionCheck.check(partitions, source.sectorSize(), any.device().size(), findings);
        long mapEnd = Math.min((count + 1) * source.sectorSize(), any.device().size());
        return Optional.of(
                new ApplePartitionMap(source.sectorSize(), partitions, findings.list(), ExtentSet.of(0, mapEnd)));
    }

    private static long count(long claimed, Findings findings) {
        if (claimed > MAX_ENTRIES) {
            findings.error(0, "an Apple partition map of " + claimed + " entries, only " + MAX_ENTRIES + " are read");
        }
        return Math.min(claimed, MAX_ENTRIES);
    }

    private static Optional<Partition> readEntry(ByteReader in, int index, TableSource source, Findings findings)
            throws IOException {
        long start = in.readU32();
        long blocks = in.readU32();
        String name = in.readText(TEXT_LENGTH, StandardCharsets.ISO_8859_1);
        String type = in.readText(TEXT_LENGTH, StandardCharsets.US_ASCII);
        if (blocks == 0) {
            findings.info(source.offset(index), "entry " + index + " has no blocks");
            return Optional.empty();
        }
        if (UNUSED_TYPES.contains(type)) {
            return Optional.empty();
        }
        return Optional.of(new Partition(
                index,
                source.offset(start),
                source.offset(blocks),
                new PartitionType(PartitionScheme.APPLE, type),
                name,
                "",
                0,
                Set.of()));
    }
}
