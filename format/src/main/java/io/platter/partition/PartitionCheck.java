package io.platter.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Looks whether partitions lie where they may, and beside each other. */
final class PartitionCheck {
    private PartitionCheck() {}

    /** Finds the partitions that leave {@code [from, to)}, and those that overlap. */
    static void check(List<Partition> partitions, long from, long to, Findings findings) {
        for (Partition partition : partitions) {
            if (partition.diskOffset() < from || partition.end() > to) {
                findings.error(
                        partition.diskOffset(),
                        "partition " + partition.index() + " covers bytes " + partition.diskOffset() + " to "
                                + partition.end() + ", expected inside " + from + " to " + to);
            }
        }
        checkOverlap(partitions, findings);
    }

    /** Finds the partitions that overlap. */
    static void checkOverlap(List<Partition> partitions, Findings findings) {
        List<Partition> sorted = new ArrayList<>(partitions);
        sorted.sort(Comparator.comparingLong(Partition::diskOffset).thenComparingInt(Partition::index));
        for (int i = 1, furthest = 0; i < sorted.size(); i++) {
            Partition reaching = sorted.get(furthest);
            Partition next = sorted.get(i);
            if (next.diskOffset() < reaching.end()) {
                findings.error(
                        next.diskOffset(),
                        "partition " + next.index() + " overlaps partition " + reaching.index() + ", which ends at "
                                + reaching.end());
            }
            if (next.end() > reaching.end()) {
                furthest = i;
            }
        }
    }
}
