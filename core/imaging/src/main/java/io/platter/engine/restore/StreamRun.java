package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.UnreadableRange;
import io.platter.engine.check.RecordStream;
import io.platter.engine.line.Allotment;
import io.platter.engine.line.Counts;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.line.Workers;
import io.platter.engine.read.FrameDecoder;
import io.platter.filesystem.VolumeMarks;
import io.platter.image.FileEnd;
import io.platter.image.codec.ImageRoot;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.job.StreamRestoreReport;
import io.platter.partition.Finding;
import io.platter.partition.Finding.Severity;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One run of a {@code StreamRestore}. What the disk is divided into is known when it is there, not before.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class StreamRun {
    private final RecordStream records;
    private final JobControl control;
    private final ProgressMeter meter;
    private final List<Finding> findings = new ArrayList<>();
    private Optional<RestoreTarget> target = Optional.empty();
    private OptionalLong total = OptionalLong.empty();

    public StreamRun(ReadableByteChannel image, JobControl control) {
        this.records = new RecordStream(image);
        this.control = control;
        this.meter = new ProgressMeter(control);
    }

    /** What a restore from a stream did. */
    record Report(
            long diskSize,
            long bytesRead,
            long bytesWritten,
            List<UnreadableRange> unreadable,
            List<Finding> findings,
            boolean moreImages,
            FileEnd end,
            Duration elapsed)
            implements StreamRestoreReport {}

    /** Returns how many bytes of direct memory a run takes at most: records on their way, and each worker's plain frame. */
    public static long memory(int threads) {
        return StreamRestorer.memory(threads) + (4 << 20);
    }

    /** Completes the disk but for what is written last. */
    private interface Completion {
        void complete(ImageRoot root, RestoreTarget target) throws IOException;
    }

    /** Restores to a new file, whose size is set when it is known. */
    public StreamRestoreReport toNewFile(FileDevice file) throws IOException {
        return run(
                file,
                announced -> {
                    if (announced.diskSize() > 0) {
                        file.endAt(announced.diskSize());
                    }
                    return new RestoreTarget(file, false, true, ExtentSet.EMPTY, ExtentSet.EMPTY);
                },
                (root, written) -> file.endAt(root.diskSize()));
    }

    /** Restores to a disk. */
    public StreamRestoreReport to(BlockDevice disk, boolean anySectorSize) throws IOException {
        return run(
                disk,
                announced -> {
                    RestorePlan.checkDisk(disk, announced.statement().contentSectorSize(), anySectorSize);
                    RestorePlan.checkSize(disk, announced.diskSize());
                    long size = announced.diskSize() > 0 ? announced.diskSize() : disk.size();
                    RestorePlan.erase(
                            disk, RestorePlan.past(VolumeMarks.places(disk.size()), size, disk.size()), false);
                    ExtentSet last = ExtentSet.of(0, Math.min(DiskLayout.WRITTEN_LAST, size));
                    return new RestoreTarget(disk, false, false, last, ExtentSet.of(0, disk.size()));
                },
                (root, written) -> complete(root, written, disk, anySectorSize));
    }

    private void complete(ImageRoot root, RestoreTarget written, BlockDevice disk, boolean anySectorSize)
            throws IOException {
        DiskLayout layout =
                DiskLayout.of(written.asDevice(root.diskSize(), root.statement().logicalSectorSize()));
        if (!anySectorSize && layout.sectorSize() != disk.logicalSectorSize()) {
            findings.add(new Finding(
                    Severity.ERROR,
                    0,
                    "the image's partition table is for sectors of " + layout.sectorSize() + " bytes, " + disk.name()
                            + " has sectors of " + disk.logicalSectorSize() + " and will not be understood"));
        }
        ExtentSet marks = layout.marks(disk.size());
        written.erase(marks);
        RestorePlan.erase(disk, RestorePlan.past(marks, root.diskSize(), disk.size()), false);
        Optional<Gpt> table = layout.movedTo(disk, findings);
        if (table.isPresent()) {
            PartitionTables.write(table.get(), written.asDevice(disk.size(), disk.logicalSectorSize()));
        }
    }

    private StreamRestoreReport run(BlockDevice disk, StreamRestorer.TargetOpener opener, Completion completion)
            throws IOException {
        try (Allotment allotment = Allotment.take(control, StreamRun::memory);
                Workers<FrameDecoder> workers =
                        Workers.start(control, "restore", allotment.threads(), FrameDecoder::forWriting)) {
            StreamRestorer restorer =
                    new StreamRestorer(records, announced -> open(opener, announced), workers, allotment.threads());
            ImageRoot root = restorer.run(() -> meter.tick(() -> counts(Phase.COPY, restorer)));
            RestoreTarget written = target.orElseThrow();
            completion.complete(root, written);
            written.finish();
            Announcement.of(disk).ifPresent(findings::add);
            StreamRestorer.Rest rest = restorer.rest();
            meter.end(() -> counts(Phase.FINISH, restorer));
            return new Report(
                    root.diskSize(),
                    records.position(),
                    written.written(),
                    restorer.unreadable(),
                    List.copyOf(findings),
                    rest.moreImages(),
                    rest.end(),
                    meter.elapsed());
        }
    }

    private RestoreTarget open(StreamRestorer.TargetOpener opener, ImageRoot announced) throws IOException {
        total = announced.diskSize() > 0 ? OptionalLong.of(announced.diskSize()) : OptionalLong.empty();
        RestoreTarget opened = opener.open(announced);
        target = Optional.of(opened);
        return opened;
    }

    private Counts counts(Phase phase, StreamRestorer restorer) {
        long written = target.map(RestoreTarget::written).orElse(0L);
        return Counts.of(phase, restorer.bytesDone(), total, records.position(), written);
    }
}
