package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import io.platter.block.OpenMode;
import io.platter.engine.capture.CaptureRun;
import io.platter.engine.capture.ChangesSince;
import io.platter.engine.guard.Targets;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.PropertyKeys;
import io.platter.image.Sha256;
import io.platter.job.CaptureOptions;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.job.SourceChangedException;
import io.platter.job.TargetRefusedException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Captures a disk into an image.
 *
 * <pre>{@code
 * Capture.of(Path.of("/dev/sdb")).to(Path.of("disk.platter"));
 *
 * CaptureReport report = Capture.of(disk)
 *         .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 3))
 *         .control(control -> control.progress(listener))
 *         .to(writer);
 * }</pre>
 *
 * <p>What filesystems do not use is left out, where they prove it: see {@link CaptureOptions}.
 *
 * <p>Immutable: {@code options} and {@code control} return another object. It may be run any number of times, also at the same
 * time; each run is independent of the others.
 */
public final class Capture {
    /** Does something with the source while it is open. */
    private interface Use {
        CaptureReport of(BlockDevice disk) throws IOException;
    }

    /** Opens the source for as long as it is used. */
    private interface Source {
        CaptureReport whileOpen(Use use) throws IOException;
    }

    private final Source source;
    private final CaptureOptions options;
    private final JobControl control;
    private final Optional<ChangesSince> changes;

    private Capture(Source source, CaptureOptions options, JobControl control, Optional<ChangesSince> changes) {
        this.source = source;
        this.options = options;
        this.control = control;
        this.changes = changes;
    }

    private static Capture of(Source source) {
        return new Capture(source, CaptureOptions.defaults(), JobControl.defaults(), Optional.empty());
    }

    /** Captures a device; it stays open. */
    public static Capture of(BlockDevice disk) {
        Objects.requireNonNull(disk, "disk");
        return of(use -> use.of(disk));
    }

    /** Captures a disk, or the file of one, which is opened for reading in each run. */
    public static Capture of(Path disk) {
        Objects.requireNonNull(disk, "disk");
        Source opened = use -> {
            try (BlockDevice device = BlockDevices.open(disk, OpenMode.READ)) {
                return use.of(device);
            }
        };
        return of(opened);
    }

    /** Captures the bytes that a channel gives, such as a pipe, up to its end; it stays open. */
    public static StreamCapture of(ReadableByteChannel disk) {
        return StreamCapture.of(disk);
    }

    /** Returns this capture with other options. */
    public Capture options(CaptureOptions newOptions) {
        return new Capture(source, Objects.requireNonNull(newOptions, "newOptions"), control, changes);
    }

    /** Returns this capture with some options changed. */
    public Capture options(Consumer<CaptureOptions.Builder> changes) {
        return options(options.with(changes));
    }

    /** Returns this capture under another control. */
    public Capture control(JobControl newControl) {
        return new Capture(source, options, Objects.requireNonNull(newControl, "newControl"), changes);
    }

    /** Returns this capture with some of its control changed. */
    public Capture control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Returns this capture as one that reads only what was changed since an earlier image of the disk, as a hypervisor, a
     * snapshot or a driver has recorded it. The image is complete all the same: the rest is taken from the earlier one, and
     * with a right list it has the {@link ImageInfo#rootHash} that a capture of the whole disk gives. That nothing else
     * was changed is taken on trust: what the list misses is missing in the image.
     *
     * <p>About a MiB is read around each run, where the disk has no zeros. All of the disk is read if its partitions were changed, or if blocks are cut by
     * another rule now.
     *
     * <p>The image must go where the earlier one is: to a repository that has it, or by {@link ImageWriter#create(
     * io.platter.pack.PackStore, Optional, DiskGeometry, ImageOptions, JobControl)} with it as the base.
     *
     * @param earlier the image since which changes were recorded
     * @param changed all that may have been changed since then, in bytes of the disk; what is past the disk's end is of no
     *     account
     */
    public Capture changed(ImageInfo earlier, ExtentSet changed) {
        return new Capture(source, options, control, Optional.of(new ChangesSince(earlier.id(), changed)));
    }

    /** Returns the id of the image since which it is known what was changed; empty if all of the disk is read. */
    public Optional<Sha256> changedSince() {
        return changes.map(ChangesSince::imageId);
    }

    /**
     * Captures the disk into a new image file, with the default {@link ImageOptions}: see {@link #to(Path, ImageOptions)}.
     *
     * @throws IOException as {@link #to(ImageWriter)} and {@link ImageWriter#create} do
     */
    public CaptureReport to(Path image) throws IOException {
        return to(image, ImageOptions.defaults());
    }

    /**
     * Captures the disk into a new image file. If an earlier capture into a file of this name was interrupted, it is an
     * {@link io.platter.image.UnfinishedImageException}: {@link ImageWriter#resumeOrCreate} would resume it.
     *
     * @param image the file's name; it must not exist, unless {@link ImageOptions#replacesExisting}
     * @throws IOException as {@link #to(ImageWriter)} and {@link ImageWriter#create} do
     */
    public CaptureReport to(Path image, ImageOptions imageOptions) throws IOException {
        return to((disk, jobControl) -> ImageWriter.create(image, disk, imageOptions, jobControl));
    }

    /**
     * Captures the disk into an image that is started when the disk is open, such as one of a repository.
     *
     * @throws IOException as {@link #to(ImageWriter)} and the opener do
     */
    public CaptureReport to(ImageWriter.Opener opener) throws IOException {
        return source.whileOpen(disk -> {
            try (ImageWriter writer = opener.open(DiskGeometry.ofContent(disk), control)) {
                return run(disk, writer);
            }
        });
    }

    /**
     * Reads the disk into an image and finishes the image. A writer that was {@linkplain ImageWriter#resume resumed}
     * continues where it was, after a check that the disk is still the same: its geometry, its
     * {@linkplain BlockDevice#state state}, and samples of its content, among them the first and the last bytes that
     * were captured.
     *
     * <p>If the disk's state changes while it is captured, as that of a disk in use does, the capture succeeds, and
     * {@link CaptureReport#sourceChange} and the image's property {@link PropertyKeys#SOURCE_CHANGED} say so.
     *
     * @param image where the disk goes, with the writer's threads and memory; stays open
     * @throws TargetRefusedException if the image's file stands for the disk, under whatever name; nothing is written then
     * @throws SourceChangedException if the image was begun on another disk, or the disk has changed
     * @throws DeviceException if the disk can't be read, whatever it threw, and the policy is not to skip that; the image
     *     then has a checkpoint. What else the disk throws, a {@link RuntimeException}, leaves one too
     * @throws CancellationException if the capture was cancelled or the thread interrupted; the image then has a
     *     checkpoint
     * @throws io.platter.image.NoSuchImageException if the image since which {@link #changed} tells of changes is not where
     *     this one goes; nothing is written then
     * @throws IOException if the image can't be written
     */
    public CaptureReport to(ImageWriter image) throws IOException {
        return source.whileOpen(disk -> run(disk, image));
    }

    private CaptureReport run(BlockDevice disk, ImageWriter image) throws IOException {
        Targets.refuseSame(image.session(), disk);
        return new CaptureRun(disk, options, control, image.session(), changes).run();
    }

    @Override
    public String toString() {
        return "Capture[" + options + ", " + control + "]";
    }
}
