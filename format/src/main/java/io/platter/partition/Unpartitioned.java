package io.platter.partition;

import io.platter.block.ExtentSet;
import java.util.List;
import java.util.Objects;

/**
 * A disk without a table: empty, or with one volume from its first sector on. The findings tell what was recognised,
 * such as the boot sector of a volume, an LVM2 physical volume, or what is left of a GPT.
 *
 * <p>Immutable.
 *
 * @param sectorSize the size of the device's sectors, in bytes
 * @param findings what was recognised; an error means that the disk should not be taken for a volume
 */
public record Unpartitioned(int sectorSize, List<Finding> findings) implements PartitionTable {
    /** Checks the components. */
    public Unpartitioned {
        findings = List.copyOf(Objects.requireNonNull(findings, "findings"));
    }

    @Override
    public PartitionScheme scheme() {
        return PartitionScheme.NONE;
    }

    @Override
    public String id() {
        return "";
    }

    @Override
    public List<Partition> partitions() {
        return List.of();
    }

    @Override
    public ExtentSet tableExtents() {
        return ExtentSet.EMPTY;
    }
}
