package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import io.platter.image.PropertyKeys;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
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
 * <p>The same object may be run any number of times; each run is independent of the others. Setting an option is not
 * thread-safe; once all are set, runs may go on at the same time.
 */
public final class Capture {
    final Optional<BlockDevice> disk;
    final Optional<ReadableByteChannel> channel;
    ReadErrorPolicy policy = ReadErrorPolicy.RETRY;
    int retries = 3;
    Optional<ExtentSet> wanted = Optional.empty();
    boolean usedOnly;
    boolean holdsStill;
    boolean paranoid;
    boolean samplesSuffice;
    ImageDescription description = ImageDescription.standard();
    ProgressListener listener = ProgressListener.NONE;
    CancellationToken cancellation = new CancellationToken();
    LongSupplier nanoClock = System::nanoTime;

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
        wanted = Optional.of(bytes);
        return this;
    }

    /**
     * Sets whether bytes that no filesystem uses are left out; see {@link DiskAllocation}. A disk that is mounted, or over
     * which another device is built, is captured in full all the same, and {@link CaptureReport#inFullBecause} says so:
     * others may write to it meanwhile, so that nothing is proved. See {@link #holdsStill}.
     */
    public Capture usedOnly(boolean leaveOutUnused) {
        usedOnly = leaveOutUnused;
        return this;
    }

    /**
     * Says that nobody writes to the disk while it is captured, although it is in use: it was frozen, or is mounted for
     * reading only.
     */
    public Capture holdsStill(boolean still) {
        holdsStill = still;
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
     * Sets what the image says about when, where, by what and of what it was made: all that is known, unless said
     * otherwise.
     */
    public Capture describedBy(ImageDescription newDescription) {
        description = Objects.requireNonNull(newDescription, "newDescription");
        return this;
    }

    /**
     * Sets whether a capture is also resumed on a source whose {@linkplain BlockDevice#state state} is another than when
     * it was begun, if samples of the content are still the same. So a capture can be resumed when the system was
     * restarted or the disk attached again, which leaves no way to know whether it was written meanwhile. The image then
     * says so, as {@link PropertyKeys#SOURCE_CHANGED}. Without this, such a source is refused.
     */
    public Capture resumeIfSamplesMatch(boolean allowed) {
        samplesSuffice = allowed;
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
     * goes on where it was, after a look at whether the disk is still the same: its geometry, its
     * {@linkplain BlockDevice#state state}, and samples of its content, among them the first and the last bytes that
     * were captured.
     *
     * <p>If the disk's state changes while it is captured, as that of a disk in use does, the capture succeeds, and
     * {@link CaptureReport#sourceChange} and the image's property {@link PropertyKeys#SOURCE_CHANGED} say so.
     *
     * @param image where the disk goes; stays open
     * @throws IllegalStateException if the image was resumed and the disk is a channel, which starts from its start
     * @throws TargetRefusedException if the image's file stands for the disk, under whatever name; nothing is written then
     * @throws SourceChangedException if the image was begun on another disk, or the disk has changed
     * @throws DeviceException if the disk can't be read, whatever it threw, and the policy is not to skip that; the image
     *     then has a checkpoint. What else the disk throws, a {@link RuntimeException}, leaves one too
     * @throws CancellationException if the capture was cancelled or the thread interrupted; the image then has a
     *     checkpoint
     * @throws IOException if the image can't be written
     */
    public CaptureReport to(ImageWriter image) throws IOException {
        if (channel.isPresent() && image.position() > 0) {
            throw new IllegalStateException("a capture from a channel can't go on with an unfinished image");
        }
        if (disk.isPresent()) {
            Targets.refuseSame(image, disk.get());
        } else {
            Targets.refuseSame(image, channel.orElseThrow());
        }
        return new CaptureRun(this, image).run();
    }
}
