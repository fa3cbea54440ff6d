package io.platter.engine.convert;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.UnreadableRange;
import io.platter.engine.compare.DifferenceList;
import io.platter.engine.line.Allotment;
import io.platter.engine.line.Counts;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.line.Workers;
import io.platter.engine.read.StoredImage;
import io.platter.engine.read.UnreadableRanges;
import io.platter.engine.restore.FrameCopy;
import io.platter.engine.restore.RestoreTarget;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.job.ConvertReport;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.partition.Finding;
import io.platter.virtualdisk.BlockEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One run of a {@code Convert}: first copied, then perhaps compared.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Conversion {
    /** In place of a target's block size: the target takes the source's extents as they are. */
    public static final int ANY_BLOCKS = 1;

    /** What a conversion did. */
    private record Report(
            long diskSize,
            long bytesRead,
            long bytesWritten,
            long zeroBytes,
            long unusedBytes,
            List<UnreadableRange> unreadable,
            boolean verified,
            List<Extent> differences,
            List<Finding> findings,
            Duration elapsed)
            implements ConvertReport {}

    private final BlockDevice source;
    private final Optional<StoredImage> image;
    private final boolean verify;
    private final JobControl control;
    private final ProgressMeter meter;

    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final AtomicLong zero = new AtomicLong();
    private final AtomicLong unused = new AtomicLong();
    private final AtomicLong unreadableBytes = new AtomicLong();
    private final UnreadableRanges unreadable = new UnreadableRanges();
    private final DifferenceList differences = new DifferenceList();
    private final List<Finding> findings = new ArrayList<>();
    private LongSupplier written = () -> 0;

    public Conversion(BlockDevice source, Optional<StoredImage> image, boolean verify, JobControl control) {
        this.source = source;
        this.image = image;
        this.verify = verify;
        this.control = control;
        this.meter = new ProgressMeter(control);
    }

    /** Returns how many bytes of memory a run takes, but for its target. */
    public static long memory(int threads) {
        return Math.max(pieces(threads), FrameCopy.memory(threads));
    }

    private static long pieces(int threads) {
        return 2L * Piece.SIZE * (2L * threads + 2);
    }

    /** Adds what the user should know to the report. */
    public void add(Finding finding) {
        findings.add(finding);
    }

    public long diskSize() {
        return source.size();
    }

    /**
     * Copies the disk.
     *
     * @param blockSize the unit in which the target stores, or {@link #ANY_BLOCKS}
     * @param encoders gives encoders of such blocks
     * @param first what is done before the first byte, when there is memory for all of it
     * @param last what completes the target after {@link PieceTarget#finish}
     */
    public void copy(
            PieceTarget target,
            int blockSize,
            Supplier<Optional<BlockEncoder>> encoders,
            OrderedLine.Action first,
            OrderedLine.Action last)
            throws IOException {
        written = target::written;
        // Larger blocks than pieces are put together, and encoded, where they are written.
        int unit = Math.min(blockSize, Piece.SIZE);
        Supplier<Optional<BlockEncoder>> ahead = unit == blockSize ? encoders : Optional::empty;
        int encodedLength = encodedLength(ahead, unit);
        ExtentCursor.Lookup extents =
                image.<ExtentCursor.Lookup>map(stored -> stored::extentAt).orElseGet(() -> ExtentCursor.lookup(source));
        PiecePlan plan = new PiecePlan(extents, source.size(), unit);
        try (Allotment allotment = Allotment.take(control, Conversion::pieces);
                OrderedLine<PieceWorker, Piece> line = new OrderedLine<>(
                        control,
                        "convert",
                        allotment.threads(),
                        1,
                        () -> new PieceWorker(source, bytesRead, unit, ahead.get()),
                        () -> new Piece(encodedLength))) {
            first.run();
            run(line, Phase.COPY, plan::next, PieceWorker::prepare, piece -> {
                piece.giveTo(target);
                count(piece);
                bytesDone.set(piece.end());
            });
            line.onTaker(() -> {
                target.finish();
                last.run();
            });
        }
    }

    /**
     * Copies the disk of an image to a target that may be written in any order, each frame decoded once.
     *
     * @param first what is done before the first byte, when there is memory for all of it
     */
    public void copyFrames(StoredImage from, RestoreTarget target, OrderedLine.Action first, OrderedLine.Action last)
            throws IOException {
        written = target::written;
        FrameCopy copy = new FrameCopy(from, new ToDisk(target), control);
        try (Allotment allotment = Allotment.take(control, FrameCopy::memory)) {
            first.run();
            copy.run(allotment.threads(), () -> {
                take(copy);
                meter.tick(() -> counts(Phase.COPY));
            });
        }
        target.finish();
        last.run();
        take(copy);
        copy.unreadable().forEach(unreadable::add);
    }

    /** Takes over what a copy has counted so far. */
    private void take(FrameCopy copy) {
        bytesRead.set(copy.bytesRead());
        bytesDone.set(copy.bytesDone());
        zero.set(copy.zeroBytes());
        unused.set(copy.unusedBytes());
        unreadableBytes.set(copy.unreadableBytes());
    }

    /** A disk that becomes equal to the image's: what that has no bytes of is zeros here. */
    private record ToDisk(RestoreTarget target) implements FrameCopy.Sink {
        @Override
        public boolean isWanted() {
            return true;
        }

        @Override
        public boolean wants(long diskOffset, int length) {
            return true;
        }

        @Override
        public void run(ImageExtent run) throws IOException {
            boolean isPattern = run.kind() == ImageExtentKind.FILL;
            target.writeRun(isPattern ? run : new ImageExtent(run.offset(), run.length(), ImageExtentKind.ZERO));
        }

        @Override
        public void write(ByteBuffer bytes, long diskOffset) throws IOException {
            target.write(bytes, diskOffset);
        }
    }

    private static int encodedLength(Supplier<Optional<BlockEncoder>> encoders, int blockSize) {
        try (BlockEncoder sample = encoders.get().orElse(null)) {
            return sample == null ? 0 : Math.multiplyExact(sample.maxEncodedLength(), Piece.SIZE / blockSize);
        }
    }

    /** Counts what a piece has no bytes of. Taker's thread only. */
    private void count(Piece piece) {
        for (ImageExtent extent : piece.extents()) {
            if (extent.kind() == ImageExtentKind.UNUSED) {
                unused.addAndGet(extent.length());
            } else if (extent.kind() == ImageExtentKind.UNREADABLE) {
                unreadableBytes.addAndGet(extent.length());
                unreadable.add(extent);
            }
        }
        for (ImageExtent run : piece.emptyRuns()) {
            zero.addAndGet(run.kind() == ImageExtentKind.ZERO ? run.length() : 0);
        }
    }

    /** Compares what was written with the source. */
    public void compareWith(BlockDevice written) throws IOException {
        long end = Math.min(source.size(), written.size());
        ComparedRange.Plan plan = new ComparedRange.Plan(source, written, end);
        try (Allotment allotment = Allotment.take(control, Conversion::pieces);
                OrderedLine<AutoCloseable, ComparedRange> line = new OrderedLine<>(
                        control, "verify", allotment.threads(), 1, Workers.NO_TOOLS, ComparedRange::new)) {
            run(
                    line,
                    Phase.VERIFY,
                    range -> {
                        boolean more = plan.next(range);
                        bytesDone.set(source.size() + plan.position());
                        return more;
                    },
                    (nothing, range) -> range.compare(source, written),
                    range -> range.difference().ifPresent(found -> differences.add(found.offset(), found.length())));
        }
        if (end < source.size()) {
            differences.add(end, source.size() - end);
        }
        bytesDone.set(total());
    }

    private <W extends AutoCloseable, T> void run(
            OrderedLine<W, T> line,
            Phase phase,
            OrderedLine.Plan<T> plan,
            OrderedLine.Work<W, T> work,
            OrderedLine.Taker<T> taker)
            throws IOException {
        try {
            line.run(
                    item -> {
                        meter.tick(() -> counts(phase));
                        return plan.next(item);
                    },
                    work,
                    taker);
        } catch (IOException e) {
            // An interrupt closes a file while it is read: nothing is wrong with that file.
            control.cancellation().throwIfCancelled();
            throw e;
        }
        control.cancellation().throwIfCancelled();
    }

    private long total() {
        return verify ? 2 * source.size() : source.size();
    }

    private Counts counts(Phase phase) {
        return new Counts(
                phase,
                bytesDone.get(),
                OptionalLong.of(total()),
                bytesRead.get(),
                written.getAsLong(),
                OptionalLong.empty(),
                OptionalLong.of(zero.get()),
                OptionalLong.of(unused.get()),
                OptionalLong.of(unreadableBytes.get()));
    }

    /** Tells the listener for the last time, and returns what was done. */
    public ConvertReport end() {
        meter.end(() -> counts(Phase.FINISH));
        return new Report(
                source.size(),
                bytesRead.get(),
                written.getAsLong(),
                zero.get(),
                unused.get(),
                unreadable.list(),
                verify,
                differences.list(),
                List.copyOf(findings),
                meter.elapsed());
    }
}
