package io.platter.engine.capture;

import io.platter.block.BlockDevice;
import io.platter.block.DiskUse;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.engine.read.Extents;
import io.platter.engine.write.Grid;
import io.platter.engine.write.ImageSession;
import io.platter.filesystem.DiskAllocation;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.PartitionSummary;
import io.platter.job.CaptureOptions;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a capture takes of a disk: which runs, of which kind, on which grid, and on what proof. Made before the first byte is
 * read; what is planned can be printed.
 *
 * <p>Immutable, as far as the disk's holes are; safe for use by several threads, as the disk is.
 */
public final class CapturePlan {
    private final BlockDevice disk;
    private final List<PartitionSummary> partitions;
    private final int contentSectorSize;
    private final Grid grid;
    private final Optional<ExtentSet> wanted;
    private final ExtentSet zeros;
    private final Optional<String> inFullBecause;

    private CapturePlan(
            BlockDevice disk,
            List<PartitionSummary> partitions,
            int contentSectorSize,
            Optional<ExtentSet> wanted,
            ExtentSet zeros,
            Optional<String> inFullBecause) {
        this.disk = disk;
        this.partitions = List.copyOf(partitions);
        this.contentSectorSize = contentSectorSize;
        this.grid = ImageSession.gridOf(partitions);
        this.wanted = wanted;
        this.zeros = zeros;
        this.inFullBecause = inFullBecause;
    }

    /**
     * Plans a capture: reads the disk's partition table, and the allocation maps of its filesystems if they matter.
     *
     * @throws IOException if the disk can't be read
     */
    public static CapturePlan of(BlockDevice disk, CaptureOptions options) throws IOException {
        Optional<String> inUse = options.usedOnly() && !options.holdsStill() ? inUse(disk) : Optional.empty();
        if (options.usedOnly() && inUse.isEmpty()) {
            DiskAllocation allocation = DiskAllocation.of(disk);
            ExtentSet used = allocation.used();
            return new CapturePlan(
                    disk,
                    allocation.summaries(),
                    PartitionTables.contentSectorSize(disk, allocation.table()),
                    Optional.of(options.only().map(used::intersection).orElse(used)),
                    ExtentSet.EMPTY,
                    Optional.empty());
        }
        PartitionTable table = PartitionTables.read(disk);
        return new CapturePlan(
                disk,
                DiskAllocation.summaries(table),
                PartitionTables.contentSectorSize(disk, table),
                options.only(),
                ExtentSet.EMPTY,
                inUse);
    }

    /** Returns this plan with what is known to be zeros though the disk does not say so. */
    CapturePlan knowing(ExtentSet newZeros) {
        return new CapturePlan(disk, partitions, contentSectorSize, wanted, newZeros, inFullBecause);
    }

    /** Returns by what others may be writing to a disk, so that what its filesystems say may be out of date. */
    private static Optional<String> inUse(BlockDevice disk) throws IOException {
        List<DiskUse> uses = disk.uses().stream()
                .filter(use -> use.kind() == DiskUse.Kind.MOUNTED || use.kind() == DiskUse.Kind.HELD)
                .toList();
        return uses.isEmpty()
                ? Optional.empty()
                : Optional.of(uses.stream()
                        .map(DiskUse::toString)
                        .collect(Collectors.joining(", ", disk.name() + " is in use: ", "")));
    }

    /** Returns what the image says about the disk's partitions; the grid starts anew at each. */
    public List<PartitionSummary> partitions() {
        return partitions;
    }

    /** Returns the sectors in which the disk's content counts, in bytes. */
    public int contentSectorSize() {
        return contentSectorSize;
    }

    /** Returns why the whole disk is captured though only what is used was wanted; empty if that is not so. */
    public Optional<String> inFullBecause() {
        return inFullBecause;
    }

    /**
     * Returns the run at an offset, from there on: UNUSED for what is not wanted, ZERO for whole cells that are known to be
     * zeros, DATA for what is read.
     *
     * @param diskOffset 0 to the disk's size, exclusive
     */
    public ImageExtent extentAt(long diskOffset) throws IOException {
        long end = disk.size();
        if (wanted.isPresent()) {
            ExtentSet bytes = wanted.get();
            int run = bytes.firstEndingAfter(diskOffset);
            long start = run < bytes.count() ? Math.min(bytes.offset(run), end) : end;
            if (start > diskOffset) {
                return new ImageExtent(diskOffset, start - diskOffset, ImageExtentKind.UNUSED);
            }
            end = Math.min(end, bytes.end(run));
        }
        Extent known = disk.extentAt(diskOffset);
        end = Math.min(end, known.end());
        if (known.kind() == ExtentKind.DATA) {
            int run = zeros.firstEndingAfter(diskOffset);
            long start = run < zeros.count() ? Math.min(zeros.offset(run), end) : end;
            if (start > diskOffset) {
                return new ImageExtent(diskOffset, start - diskOffset, ImageExtentKind.DATA);
            }
            end = Math.min(end, zeros.end(run));
        }
        // Whole cells only, so that the image does not depend on what the device happens to know.
        long first = grid.ceiling(diskOffset);
        long last = end == disk.size() ? end : grid.floor(end);
        if (first >= last) {
            return new ImageExtent(diskOffset, end - diskOffset, ImageExtentKind.DATA);
        }
        return first > diskOffset
                ? new ImageExtent(diskOffset, first - diskOffset, ImageExtentKind.DATA)
                : new ImageExtent(diskOffset, last - diskOffset, ImageExtentKind.ZERO);
    }

    /** Returns all runs, from the disk's start to its end; neighbours of one kind are joined. */
    public List<ImageExtent> runs() throws IOException {
        List<ImageExtent> runs = new ArrayList<>();
        for (long position = 0;
                position < disk.size();
                position = runs.get(runs.size() - 1).end()) {
            Extents.append(runs, extentAt(position));
        }
        return runs;
    }

    /** Returns the plan but for the disk's holes, a line for each partition with its proof. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("capture of " + disk.name() + ", " + disk.size()
                + " bytes in sectors of " + contentSectorSize + ", " + grid + ": ");
        text.append(wanted.isPresent() ? wanted.get().bytes() + " bytes" : "all bytes");
        inFullBecause.ifPresent(reason -> text.append(", because ").append(reason));
        for (PartitionSummary partition : partitions) {
            text.append("\n  partition ")
                    .append(partition.index())
                    .append(" at ")
                    .append(partition.diskOffset());
            text.append(", ").append(partition.length()).append(" bytes: ").append(partition.attributes());
        }
        return text.toString();
    }
}
