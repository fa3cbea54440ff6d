package io.platter.engine.capture;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.UnreadableRange;
import io.platter.bytes.Zeros;
import io.platter.engine.line.Counts;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.line.Threads;
import io.platter.engine.read.UnreadableRanges;
import io.platter.engine.write.Counters;
import io.platter.engine.write.ImageSession;
import io.platter.engine.write.ReadAhead;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageInfo;
import io.platter.image.ImageStatistics;
import io.platter.image.NoSuchImageException;
import io.platter.image.PropertyKeys;
import io.platter.image.Sha256;
import io.platter.image.codec.LeafPage;
import io.platter.job.CaptureOptions;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.job.SourceChangedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;

/**
 * One run of a {@code Capture}: a plan is made, then carried out.
 *
 * <p>Not thread-safe: one thread, once.
 */
public final class CaptureRun {
    private static final int PARANOID_PIECE = 64 << 10;

    /** What a capture did. */
    record Report(
            ImageInfo image,
            long bytesRead,
            long fileSize,
            List<UnreadableRange> unreadable,
            long skippedBytes,
            String sourceCheck,
            Optional<String> sourceChange,
            Optional<String> inFullBecause,
            Duration elapsed)
            implements CaptureReport {}

    private final BlockDevice disk;
    private final CaptureOptions options;
    private final JobControl control;
    private final ImageSession image;
    private final Optional<ChangesSince> changes;
    private final ProgressMeter meter;
    private final SourceReader reader;
    private final UnreadableRanges unreadable = new UnreadableRanges();
    private long bytesRead;
    private boolean isAllRead;

    public CaptureRun(
            BlockDevice source,
            CaptureOptions options,
            JobControl control,
            ImageSession image,
            Optional<ChangesSince> changes) {
        this.disk = new GuardedSource(source);
        this.options = options;
        this.control = control;
        this.image = image;
        this.changes = changes;
        this.meter = new ProgressMeter(control);
        this.reader = new SourceReader(disk, options.readErrors(), options.retries(), control.cancellation());
    }

    public CaptureReport run() throws IOException {
        try {
            return capture();
        } catch (DeviceException | RuntimeException e) {
            if (!isAllRead || e instanceof CancellationException) {
                leaveCheckpoint(image, e);
            }
            throw e;
        }
    }

    private CaptureReport capture() throws IOException {
        Optional<ImageSession.Base> base = base();
        boolean isResumed = image.position() > 0;
        SourceWatch watch = SourceWatch.begin(disk);
        if (isResumed) {
            resume(watch);
        } else {
            image.describe(options.description(), Optional.of(disk));
            if (options.description().keepsState() && !watch.state().isEmpty()) {
                image.property(PropertyKeys.SOURCE_STATE, watch.state());
            }
        }
        CapturePlan plan = CapturePlan.of(disk, options);
        image.partitions(plan.partitions());
        image.contentSectorSize(plan.contentSectorSize());
        if (base.isPresent() && image.cutsAsBase()) {
            copyChanges(plan, base.get());
        } else {
            copy(plan, disk.size());
        }
        isAllRead = true;
        String change = watch.change();
        if (!change.isEmpty()) {
            noteChange("when all was read, " + change);
        }
        Optional<String> sourceChange = image.property(PropertyKeys.SOURCE_CHANGED);
        ImageInfo info = image.finish();
        meter.end(() -> counts(Phase.FINISH));
        return new Report(
                info,
                bytesRead,
                image.counters().written(),
                unreadable.list(),
                reader.skippedBytes(),
                watch.describe(isResumed),
                sourceChange,
                plan.inFullBecause(),
                meter.elapsed());
    }

    /** Makes sure that the disk is the one on which the image was begun. */
    private void resume(SourceWatch watch) throws IOException {
        String then = image.property(PropertyKeys.SOURCE_STATE).orElse("");
        String change = then.isEmpty() ? "" : SourceWatch.difference(then, watch.state());
        if (!change.isEmpty() && !options.resumesIfSamplesMatch()) {
            throw new SourceChangedException(
                    disk.name() + " may have changed since the image was begun: its state was compared, " + change);
        }
        new SourceCheck(disk, reader::canReadSample, image).run();
        if (!change.isEmpty()) {
            noteChange("when the capture was resumed at disk offset " + image.position() + ", " + change);
        }
    }

    private void noteChange(String change) {
        String before = image.property(PropertyKeys.SOURCE_CHANGED)
                .map(text -> text + "; ")
                .orElse("");
        image.property(PropertyKeys.SOURCE_CHANGED, before + change);
    }

    /** Leaves a checkpoint in an image that can be resumed, after a failure of its source. */
    static void leaveCheckpoint(ImageSession image, Exception cause) {
        boolean interrupted = Thread.interrupted();
        try {
            if (image.keepsCheckpoints()) {
                image.checkpoint();
            }
        } catch (IOException | RuntimeException e) {
            if (!e.equals(cause)) { // a writer that has failed answers with that failure again
                cause.addSuppressed(e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Counts counts(Phase phase) {
        return counts(phase, image, bytesRead, unreadable.bytes());
    }

    /** Returns how far an image is that is being captured. */
    static Counts counts(Phase phase, ImageSession image, long bytesRead, long unreadable) {
        Counters counters = image.counters();
        ImageStatistics statistics = counters.statistics();
        long size = image.disk().size();
        return new Counts(
                phase,
                image.position(),
                size < 0 ? OptionalLong.empty() : OptionalLong.of(size),
                bytesRead,
                counters.written(),
                OptionalLong.of(statistics.dataBytes() - statistics.newBytes()),
                OptionalLong.of(statistics.zeroBytes()),
                OptionalLong.of(statistics.unusedBytes()),
                OptionalLong.of(unreadable));
    }

    /** Returns the image with which the disk was compared before the capture. */
    private Optional<ImageSession.Base> base() throws NoSuchImageException {
        if (changes.isEmpty()) {
            return Optional.empty();
        }
        Sha256 wanted = changes.get().imageId();
        return Optional.of(image.base()
                .filter(found -> found.image().root().id().equals(wanted))
                .orElseThrow(() -> new NoSuchImageException("where the disk was changed is known since image " + wanted
                        + ", but what is captured goes where "
                        + image.base()
                                .map(found -> "image " + found.image().root().id() + " is the one before")
                                .orElse("no image is known that is before it"))));
    }

    /** Takes what is unchanged from the earlier image, and what is before or between that from the disk. */
    private void copyChanges(CapturePlan plan, ImageSession.Base base) throws IOException {
        UnchangedLeaves unchanged =
                new UnchangedLeaves(base, changes.orElseThrow().changed(), plan, disk.size());
        for (Optional<LeafPage> leaf = unchanged.next(); leaf.isPresent(); leaf = unchanged.next()) {
            control.cancellation().throwIfCancelled();
            copy(plan.knowing(unchanged.takeZeros()), leaf.get().diskOffset());
            if (!image.keep(leaf.get())) {
                unchanged.passOver(leaf.get());
            }
            meter.tick(() -> counts(Phase.COPY));
        }
        copy(plan.knowing(unchanged.takeZeros()), disk.size());
    }

    private void copy(CapturePlan plan, long end) throws IOException {
        if (image.position() == end) {
            return;
        }
        try (ReadAhead ahead = image.readAhead(disk, plan::extentAt, end)) {
            while (image.position() < end) {
                control.cancellation().throwIfCancelled();
                ReadAhead.Piece next = ahead.next();
                ImageExtent extent = next.extent();
                if (extent.kind() == ImageExtentKind.DATA) {
                    take(ahead, next);
                } else if (extent.kind() == ImageExtentKind.UNUSED && options.paranoid()) {
                    keepUnlessZero(extent);
                } else {
                    image.run(extent.offset(), extent.length(), extent.kind(), 0);
                }
                meter.tick(() -> counts(Phase.COPY));
            }
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    private void take(ReadAhead ahead, ReadAhead.Piece piece) throws IOException {
        ImageExtent extent = piece.extent();
        try {
            image.data(piece);
            bytesRead += extent.length();
        } catch (DeviceException e) {
            if (!ahead.threw(e)) {
                throw e;
            }
            ByteBuffer bytes = reader.room((int) extent.length());
            List<UnreadableRange> bad = reader.readAgain(bytes, extent.offset(), e);
            bytesRead += extent.length();
            place(bytes, extent.offset(), bad, false);
        }
    }

    /** Takes a run that is left out: the pieces of it that are zeros as UNUSED, the others as they are. */
    private void keepUnlessZero(ImageExtent run) throws IOException {
        for (long position = run.offset(); position < run.end(); position = image.position()) {
            control.cancellation().throwIfCancelled();
            Extent known = disk.extentAt(position).clip(position, run.end());
            if (known.kind() != ExtentKind.DATA) {
                image.run(position, known.length(), ImageExtentKind.UNUSED, 0);
                continue;
            }
            ByteBuffer bytes = reader.room((int) Math.min(known.length(), PARANOID_PIECE));
            List<UnreadableRange> bad = reader.read(bytes, position);
            bytesRead += bytes.limit();
            place(bytes, position, bad, true);
        }
    }

    /** Takes a piece, with what of it can't be read. */
    private void place(ByteBuffer piece, long start, List<UnreadableRange> bad, boolean onlyUnlessZero)
            throws IOException {
        piece.rewind();
        long position = start;
        for (UnreadableRange range : bad) {
            placePart(piece, start, position, range.offset(), onlyUnlessZero);
            image.run(range.offset(), range.length(), ImageExtentKind.UNREADABLE, range.osError());
            unreadable.add(range);
            position = range.end();
        }
        placePart(piece, start, position, start + piece.limit(), onlyUnlessZero);
    }

    private void placePart(ByteBuffer piece, long start, long from, long to, boolean onlyUnlessZero)
            throws IOException {
        if (from == to) {
            return;
        }
        ByteBuffer part = piece.slice((int) (from - start), (int) (to - from));
        if (onlyUnlessZero && Zeros.isZero(part)) {
            image.run(from, to - from, ImageExtentKind.UNUSED, 0);
        } else {
            image.data(from, part);
        }
    }
}
