package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.block.SectorReader;
import io.platter.format.ImageRoot;
import io.platter.partition.PartitionTables;
import io.platter.pipeline.ReadAhead;
import io.platter.pipeline.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/**
 * Captures a disk into an image.
 *
 * <pre>{@code
 * try (BlockDevice disk = BlockDevices.open(path, OpenMode.READ);
 *         ImageWriter image = ImageWriter.create(file, DiskGeometry.of(disk), ImageOptions.defaults())) {
 *     CaptureReport report = Capture.of(disk).to(image);
 * }
 * }</pre>
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Capture {
    /** The property that says in what state the source was, to see whether it changed before a resume. */
    static final String SOURCE_STATE = "source.state";

    private static final int CHANNEL_PIECE = 1 << 20;
    private static final int PARANOID_PIECE = 64 << 10;

    private final Optional<BlockDevice> disk;
    private final Optional<ReadableByteChannel> channel;
    private ReadErrorPolicy policy = ReadErrorPolicy.RETRY;
    private int retries = 3;
    private Optional<ExtentSet> used = Optional.empty();
    private boolean usedOnly;
    private Optional<String> sourceState = Optional.empty();
    private ProgressListener listener = ProgressListener.NONE;
    private CancellationToken cancellation = new CancellationToken();
    private LongSupplier nanoClock = System::nanoTime;

    private final List<Extent> unreadable = new ArrayList<>();
    private long bytesRead;

    private boolean paranoid;

    private Capture(Optional<BlockDevice> disk, Optional<ReadableByteChannel> channel) {
        this.disk = disk;
        this.channel = channel;
    }

    /** Captures a device; it stays open. */
    public static Capture of(BlockDevice disk) {
        return new Capture(Optional.of(disk), Optional.empty());
    }

    /** Captures the bytes that a channel gives, such as a pipe, up to its end; it stays open. */
    public static Capture of(ReadableByteChannel disk) {
        return new Capture(Optional.empty(), Optional.of(disk));
    }

    /**
     * Sets what happens when the disk can't be read: {@link ReadErrorPolicy#RETRY} three times unless said otherwise.
     *
     * @param newRetries how often a range is read again, 0 or more
     */
    public Capture onReadError(ReadErrorPolicy newPolicy, int newRetries) {
        if (newRetries < 0) {
            throw new IllegalArgumentException("retries " + newRetries + ", expected 0 or more");
        }
        policy = Objects.requireNonNull(newPolicy, "newPolicy");
        retries = newRetries;
        return this;
    }

    /** Captures these bytes only; all others become UNUSED. */
    public Capture only(ExtentSet bytes) {
        used = Optional.of(bytes);
        return this;
    }

    /**
     * Sets whether bytes that no filesystem uses are left out; see {@link DiskAllocation}. A disk that others write to
     * meanwhile must be captured whole.
     */
    public Capture usedOnly(boolean leaveOutUnused) {
        usedOnly = leaveOutUnused;
        return this;
    }

    /**
     * Sets whether bytes that are left out are read all the same, and kept where they are not zeros: for those who do
     * not trust a filesystem's word.
     */
    public Capture paranoid(boolean keepAllButZeros) {
        paranoid = keepAllButZeros;
        return this;
    }

    /**
     * Sets a text that changes when the disk does, such as a file's time of change. A capture is resumed only if the
     * text is the same.
     */
    public Capture sourceState(String state) {
        sourceState = Optional.of(state);
        return this;
    }

    /** Sets who is told how far the capture is. */
    public Capture progress(ProgressListener newListener) {
        listener = Objects.requireNonNull(newListener, "newListener");
        return this;
    }

    /** Sets who can ask the capture to stop; it leaves a checkpoint then. */
    public Capture cancellation(CancellationToken token) {
        cancellation = Objects.requireNonNull(token, "token");
        return this;
    }

    Capture clock(LongSupplier newNanoClock) {
        nanoClock = newNanoClock;
        return this;
    }

    /**
     * Reads the disk into an image and finishes the image. A writer that was {@linkplain ImageWriter#resume resumed}
     * goes on where it was, after a look at whether the disk is still the same.
     *
     * @param image where the disk goes; stays open
     * @throws IllegalStateException if the image was resumed and the disk is a channel, which starts from its start
     * @throws SourceChangedException if the image was begun on another disk, or the disk has changed
     * @throws DeviceException if the disk can't be read, and the policy is not to skip that
     * @throws CancellationException if the capture was cancelled or the thread interrupted; the image then has a
     *     checkpoint
     * @throws IOException if the image can't be written
     */
    public CaptureReport to(ImageWriter image) throws IOException {
        if (channel.isPresent() && image.position() > 0) {
            throw new IllegalStateException("a capture from a channel can't go on with an unfinished image");
        }
        ProgressMeter meter = new ProgressMeter(listener, nanoClock);
        if (sourceState.isPresent()) {
            SourceCheck.state(image, sourceState.get());
        }
        try {
            if (disk.isPresent()) {
                if (image.position() > 0) {
                    new SourceCheck(disk.get(), image).run();
                }
                survey(disk.get(), image);
                captureDisk(disk.get(), image, meter);
            } else {
                captureChannel(image, meter);
            }
            ImageInfo info = image.finish();
            meter.end(elapsed -> progress(Phase.FINISH, image, elapsed));
            return new CaptureReport(info, bytesRead, image.counters().written(), unreadable, meter.elapsed());
        } catch (CancellationException | DeviceException e) {
            leaveCheckpoint(image, e);
            throw e;
        }
    }

    private static void leaveCheckpoint(ImageWriter image, Exception cause) {
        boolean interrupted = Thread.interrupted();
        try {
            if (image.file().isPresent()) {
                image.checkpoint();
            }
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Progress progress(Phase phase, ImageWriter image, Duration elapsed) {
        ImageRoot.Statistics statistics = image.counters().statistics();
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

    private void captureChannel(ImageWriter image, ProgressMeter meter) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(CHANNEL_PIECE);
        while (channel.orElseThrow().read(piece.clear()) >= 0) {
            cancellation.check();
            bytesRead += piece.position();
            image.data(image.position(), piece.flip());
            meter.tick(elapsed -> progress(Phase.COPY, image, elapsed));
        }
    }

    /** Looks at the disk's partitions, and at what their filesystems use if that matters. */
    private void survey(BlockDevice source, ImageWriter image) throws IOException {
        if (usedOnly) {
            DiskAllocation allocation = DiskAllocation.of(source);
            image.partitions(allocation.summaries(true));
            used = Optional.of(used.map(allocation.used()::intersection).orElse(allocation.used()));
        } else if (image.position() == 0) {
            image.partitions(DiskAllocation.summaries(PartitionTables.read(source)));
        }
    }

    private void captureDisk(BlockDevice source, ImageWriter image, ProgressMeter meter) throws IOException {
        try (ReadAhead ahead = image.readAhead(source, diskOffset -> extentAt(source, image, diskOffset))) {
            while (image.position() < source.size()) {
                cancellation.check();
                Extent next = ahead.next();
                if (next.kind() == ExtentKind.UNUSED && paranoid) {
                    keepUnlessZero(source, image, next);
                } else if (next.kind() == ExtentKind.UNUSED) {
                    image.unused(next.offset(), next.length());
                } else if (next.kind() == ExtentKind.ZERO) {
                    image.zero(next.offset(), next.length());
                } else {
                    take(ahead, source, image, next);
                }
                meter.tick(elapsed -> progress(Phase.COPY, image, elapsed));
            }
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /** Returns what to do at an offset: UNUSED for what is not wanted, ZERO for what is known to be zeros, or DATA. */
    private Extent extentAt(BlockDevice source, ImageWriter image, long position) throws IOException {
        long end = source.size();
        if (used.isPresent()) {
            ExtentSet wanted = used.get();
            int run = wanted.firstEndingAfter(position);
            long start = run < wanted.count() ? Math.min(wanted.offset(run), end) : end;
            if (start > position) {
                return new Extent(position, start - position, ExtentKind.UNUSED);
            }
            end = Math.min(end, wanted.end(run));
        }
        Extent known = source.extentAt(position);
        end = Math.min(end, known.end());
        if (known.kind() == ExtentKind.DATA) {
            return new Extent(position, end - position, ExtentKind.DATA);
        }
        // Whole cells only, so that the image does not depend on what the device happens to know.
        long first = image.cellCeiling(position);
        long last = end == source.size() ? end : image.cellFloor(end);
        if (first >= last) {
            return new Extent(position, end - position, ExtentKind.DATA);
        }
        return first > position
                ? new Extent(position, first - position, ExtentKind.DATA)
                : new Extent(position, last - position, ExtentKind.ZERO);
    }

    /** Takes a run that is left out: the pieces of it that are zeros as UNUSED, the others as they are. */
    private void keepUnlessZero(BlockDevice source, ImageWriter image, Extent run) throws IOException {
        for (long position = run.offset(); position < run.end(); position = image.position()) {
            cancellation.check();
            Extent known = source.extentAt(position).clip(position, run.end());
            if (known.kind() == ExtentKind.DATA) {
                keepPieceUnlessZero(source, image, position, (int) Math.min(known.length(), PARANOID_PIECE));
            } else {
                image.unused(position, known.length());
            }
        }
    }

    private void keepPieceUnlessZero(BlockDevice source, ImageWriter image, long position, int length)
            throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(length);
        try {
            source.read(piece, position);
        } catch (DeviceException e) {
            image.unused(position, length);
            return;
        }
        bytesRead += length;
        if (piece.flip().mismatch(ByteBuffer.allocate(length)) < 0) {
            image.unused(position, length);
        } else {
            image.data(position, piece);
        }
    }

    private void take(ReadAhead ahead, BlockDevice source, ImageWriter image, Extent piece) throws IOException {
        try {
            image.data(ahead, piece);
            bytesRead += piece.length();
        } catch (DeviceException e) {
            // An interrupt closes a file while it is read: what can't be read then is no bad sector.
            cancellation.check();
            if (!e.operation().equals("read") || policy == ReadErrorPolicy.ABORT) {
                throw e;
            }
            readAgain(source, image, piece.offset(), (int) piece.length(), e);
        }
    }

    private void readAgain(BlockDevice source, ImageWriter image, long start, int length, DeviceException first)
            throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(length);
        List<Extent> bad = policy == ReadErrorPolicy.SKIP
                ? new SectorReader(source, retries).read(piece, start)
                : retry(source, piece, start, first);
        cancellation.check();
        piece.flip();
        bytesRead += length;
        long position = start;
        for (Extent extent : bad) {
            take(image, piece, start, position, extent.offset());
            image.unreadable(extent.offset(), extent.length(), extent.detail() > 0 ? (int) extent.detail() : 0);
            unreadable.add(extent);
            position = extent.end();
        }
        take(image, piece, start, position, start + length);
    }

    private List<Extent> retry(BlockDevice source, ByteBuffer piece, long start, DeviceException first)
            throws IOException {
        DeviceException last = first;
        for (int attempt = 0; attempt < retries; attempt++) {
            cancellation.check();
            try {
                source.read(piece.clear(), start);
                return List.of();
            } catch (DeviceException e) {
                last = e;
            }
        }
        throw last;
    }

    private static void take(ImageWriter image, ByteBuffer piece, long start, long from, long to) throws IOException {
        if (from < to) {
            image.data(from, piece.slice((int) (from - start), (int) (to - from)));
        }
    }
}
