package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DiskUse;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.engine.line.Threads;
import io.platter.engine.read.Extents;
import io.platter.engine.write.ReadAhead;
import io.platter.image.ImageInfo;
import io.platter.image.ImageStatistics;
import io.platter.image.PropertyKeys;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;

/**
 * One run of a {@link Capture}, with the options as they were when it was begun.
 *
 * <p>Not thread-safe: one thread, once.
 */
final class CaptureRun {
    private static final int CHANNEL_PIECE = 1 << 20;
    private static final int PARANOID_PIECE = 64 << 10;
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(PARANOID_PIECE).asReadOnlyBuffer();

    private final Capture job;
    private final ImageWriter image;
    private final ProgressMeter meter;
    private final List<Extent> unreadable = new ArrayList<>();
    private long bytesRead;
    private boolean isAllRead;
    private Optional<String> inFullBecause = Optional.empty();

    CaptureRun(Capture job, ImageWriter image) {
        this.job = job;
        this.image = image;
        this.meter = new ProgressMeter(job.listener, job.nanoClock);
    }

    CaptureReport run() throws IOException {
        try {
            return job.disk.isPresent()
                    ? captureDisk(new GuardedSource(job.disk.get()))
                    : captureChannel(job.channel.orElseThrow());
        } catch (DeviceException | RuntimeException e) {
            if (!isAllRead || e instanceof CancellationException) {
                leaveCheckpoint(e);
            }
            throw e;
        }
    }

    private CaptureReport finish(long skippedBytes, String sourceCheck) throws IOException {
        String change = image.property(PropertyKeys.SOURCE_CHANGED).orElse("");
        ImageInfo info = image.finish();
        meter.end(elapsed -> progress(Phase.FINISH, elapsed));
        return new CaptureReport(
                info,
                bytesRead,
                image.counters().written(),
                unreadable,
                skippedBytes,
                sourceCheck,
                change,
                inFullBecause,
                meter.elapsed());
    }

    private void leaveCheckpoint(Exception cause) {
        boolean interrupted = Thread.interrupted();
        try {
            if (image.file().isPresent()) {
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

    private CaptureReport captureDisk(BlockDevice disk) throws IOException {
        boolean isResumed = image.position() > 0;
        SourceReader reader = new SourceReader(disk, job.policy, job.retries, job.cancellation);
        SourceWatch watch = SourceWatch.begin(disk);
        if (isResumed) {
            resume(disk, reader, watch);
        } else {
            job.description.putInto(image, Optional.of(disk));
            if (job.description.keepsState() && !watch.state().isEmpty()) {
                image.property(PropertyKeys.SOURCE_STATE, watch.state());
            }
        }
        copy(disk, reader, survey(disk));
        isAllRead = true;
        String change = watch.change();
        if (!change.isEmpty()) {
            noteChange("when all was read, " + change);
        }
        return finish(reader.skippedBytes(), watch.describe(isResumed));
    }

    /** Makes sure that the disk is the one on which the image was begun. */
    private void resume(BlockDevice disk, SourceReader reader, SourceWatch watch) throws IOException {
        String then = image.property(PropertyKeys.SOURCE_STATE).orElse("");
        String change = then.isEmpty() ? "" : SourceWatch.difference(then, watch.state());
        if (!change.isEmpty() && !job.samplesSuffice) {
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

    private Progress progress(Phase phase, Duration elapsed) {
        ImageStatistics statistics = image.counters().statistics();
        return new Progress(
                phase,
                image.position(),
                image.disk().size(),
                bytesRead,
                image.counters().written(),
                statistics.dataBytes() - statistics.newBytes(),
                statistics.zeroBytes(),
                statistics.unusedBytes(),
                unreadable.stream().mapToLong(Extent::length).sum(),
                elapsed);
    }

    private CaptureReport captureChannel(ReadableByteChannel bytes) throws IOException {
        job.description.putInto(image, Optional.empty());
        ByteBuffer piece = ByteBuffer.allocateDirect(CHANNEL_PIECE);
        while (canRead(bytes, piece.clear())) {
            job.cancellation.check();
            bytesRead += piece.position();
            image.data(image.position(), piece.flip());
            meter.tick(elapsed -> progress(Phase.COPY, elapsed));
        }
        // What stops this job often stops the one that writes the channel, too: that is no end.
        job.cancellation.check();
        isAllRead = true;
        return finish(0, "nothing: a channel does not tell its state");
    }

    private boolean canRead(ReadableByteChannel bytes, ByteBuffer piece) throws IOException {
        try {
            return bytes.read(piece) >= 0;
        } catch (IOException e) {
            job.cancellation.check();
            throw GuardedSource.failure(Targets.name(bytes), image.position(), e);
        }
    }

    /**
     * Looks at the disk's partitions, and at what their filesystems use if that matters.
     *
     * @return the bytes that are wanted; all, if there is nothing
     */
    private Optional<ExtentSet> survey(BlockDevice disk) throws IOException {
        inFullBecause = job.usedOnly && !job.holdsStill ? inUse(disk) : Optional.empty();
        if (job.usedOnly && inFullBecause.isEmpty()) {
            DiskAllocation allocation = DiskAllocation.of(disk);
            image.partitions(allocation.summaries(true));
            image.contentSectorSize(new DiskLayout(disk, allocation.table()).sectorSize());
            return Optional.of(job.wanted.map(allocation.used()::intersection).orElse(allocation.used()));
        }
        if (image.position() == 0) {
            PartitionTable table = PartitionTables.read(disk);
            image.partitions(DiskAllocation.summaries(table));
            image.contentSectorSize(new DiskLayout(disk, table).sectorSize());
        }
        return job.wanted;
    }

    /** Returns by what others may be writing to a disk, so that what its filesystems say of themselves may be old. */
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

    private void copy(BlockDevice disk, SourceReader reader, Optional<ExtentSet> wanted) throws IOException {
        try (ReadAhead ahead = image.readAhead(disk, diskOffset -> extentAt(disk, wanted, diskOffset))) {
            while (image.position() < disk.size()) {
                job.cancellation.check();
                Extent next = ahead.next();
                if (next.kind() == ExtentKind.UNUSED && job.paranoid) {
                    keepUnlessZero(disk, reader, next);
                } else if (next.kind() == ExtentKind.UNUSED) {
                    image.unused(next.offset(), next.length());
                } else if (next.kind() == ExtentKind.ZERO) {
                    image.zero(next.offset(), next.length());
                } else {
                    take(ahead, reader, next);
                }
                meter.tick(elapsed -> progress(Phase.COPY, elapsed));
            }
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /** Returns what to do at an offset: UNUSED for what is not wanted, ZERO for what is known to be zeros, or DATA. */
    private Extent extentAt(BlockDevice disk, Optional<ExtentSet> wanted, long position) throws IOException {
        long end = disk.size();
        if (wanted.isPresent()) {
            ExtentSet bytes = wanted.get();
            int run = bytes.firstEndingAfter(position);
            long start = run < bytes.count() ? Math.min(bytes.offset(run), end) : end;
            if (start > position) {
                return new Extent(position, start - position, ExtentKind.UNUSED);
            }
            end = Math.min(end, bytes.end(run));
        }
        Extent known = disk.extentAt(position);
        end = Math.min(end, known.end());
        if (known.kind() == ExtentKind.DATA) {
            return new Extent(position, end - position, ExtentKind.DATA);
        }
        // Whole cells only, so that the image does not depend on what the device happens to know.
        long first = image.cellCeiling(position);
        long last = end == disk.size() ? end : image.cellFloor(end);
        if (first >= last) {
            return new Extent(position, end - position, ExtentKind.DATA);
        }
        return first > position
                ? new Extent(position, first - position, ExtentKind.DATA)
                : new Extent(position, last - position, ExtentKind.ZERO);
    }

    private void take(ReadAhead ahead, SourceReader reader, Extent piece) throws IOException {
        try {
            image.data(ahead, piece);
            bytesRead += piece.length();
        } catch (DeviceException e) {
            if (!ahead.threw(e)) {
                throw e;
            }
            ByteBuffer bytes = reader.room((int) piece.length());
            List<Extent> bad = reader.readAgain(bytes, piece.offset(), e);
            bytesRead += piece.length();
            place(bytes, piece.offset(), bad, false);
        }
    }

    /** Takes a run that is left out: the pieces of it that are zeros as UNUSED, the others as they are. */
    private void keepUnlessZero(BlockDevice disk, SourceReader reader, Extent run) throws IOException {
        for (long position = run.offset(); position < run.end(); position = image.position()) {
            job.cancellation.check();
            Extent known = disk.extentAt(position).clip(position, run.end());
            if (known.kind() != ExtentKind.DATA) {
                image.unused(position, known.length());
                continue;
            }
            ByteBuffer bytes = reader.room((int) Math.min(known.length(), PARANOID_PIECE));
            List<Extent> bad = reader.read(bytes, position);
            bytesRead += bytes.limit();
            place(bytes, position, bad, true);
        }
    }

    /** Takes a piece with what of it can't be read. */
    private void place(ByteBuffer piece, long start, List<Extent> bad, boolean onlyUnlessZero) throws IOException {
        piece.rewind();
        long position = start;
        for (Extent extent : bad) {
            placePart(piece, start, position, extent.offset(), onlyUnlessZero);
            image.unreadable(extent.offset(), extent.length(), extent.detail() > 0 ? (int) extent.detail() : 0);
            Extents.append(unreadable, extent);
            position = extent.end();
        }
        placePart(piece, start, position, start + piece.limit(), onlyUnlessZero);
    }

    private void placePart(ByteBuffer piece, long start, long from, long to, boolean onlyUnlessZero)
            throws IOException {
        if (from == to) {
            return;
        }
        ByteBuffer part = piece.slice((int) (from - start), (int) (to - from));
        if (onlyUnlessZero && part.mismatch(ZEROS.slice(0, part.limit())) < 0) {
            image.unused(from, to - from);
        } else {
            image.data(from, part);
        }
    }
}
