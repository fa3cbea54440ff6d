package io.platter.partition;

import io.platter.block.ExtentSet;
import java.util.List;

/**
 * How a disk is divided, as it was read from the disk or as it shall be written to one.
 *
 * <p>Implementations are immutable.
 */
public sealed interface PartitionTable permits Gpt, Mbr, ApplePartitionMap, Disklabel, Unpartitioned {
    /** Returns the kind of the table. */
    PartitionScheme scheme();

    /** Returns the size of the sectors in which the table counts, in bytes; it need not be the device's. */
    int sectorSize();

    /**
     * Returns the identity of the disk: a GPT's GUID in capitals, an MBR's signature such as {@code 0x1234abcd}, or an
     * empty text.
     */
    String id();

    /** Returns the partitions by their index; an MBR's logical ones as well as the extended one that holds them. */
    List<Partition> partitions();

    /** Returns what is wrong or unusual, in the order in which it was found. */
    List<Finding> findings();

    /**
     * Returns the bytes of the disk that hold the table itself: whole sectors, both copies of a GPT and its protective
     * MBR, each EBR of an MBR. An image always keeps them, and a restore writes them last.
     */
    ExtentSet tableExtents();

    /**
     * Tells whether the partitions can be believed: no finding is an {@link Finding.Severity#ERROR}. The content of a
     * disk whose table is not sound counts as used, all of it.
     */
    default boolean isSound() {
        return findings().stream().noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
    }
}
