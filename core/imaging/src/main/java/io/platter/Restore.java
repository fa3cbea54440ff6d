package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.engine.guard.Targets;
import io.platter.engine.line.Threads;
import io.platter.engine.pack.PublishedFile;
import io.platter.engine.restore.RestorePlan;
import io.platter.engine.restore.RestoreRun;
import io.platter.image.UnfinishedImageException;
import io.platter.job.JobControl;
import io.platter.job.RestoreOptions;
import io.platter.job.RestoreReport;
import io.platter.job.TargetRefusedException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Restores an image to a disk, or to several. Each block's hash is checked before the block is written.
 *
 * <pre>{@code
 * try (ImageReader images = ImageReader.open(Path.of("disk.platter"))) {
 *     Restore.of(images.newestImage()).toNewFile(Path.of("disk.img"));
 *     RestoreReport report = Restore.of(images.newestImage())
 *             .options(options -> options.compare(true).allowSmaller(true))
 *             .to(disk);
 * }
 * }</pre>
 *
 * <p>The first and the last MiB of the disk and its partition table are wiped first and written last: a disk that is half
 * restored does not boot. On a disk that is larger than the image's, the backup of a GPT is moved to the new end.
 *
 * <p>Immutable: {@code options} and {@code control} return another object. It may be run any number of times, also at the same
 * time; each run is independent of the others.
 */
public final class Restore {
    private final Image image;
    private final RestoreOptions options;
    private final JobControl control;

    private Restore(Image image, RestoreOptions options, JobControl control) {
        this.image = image;
        this.options = options;
        this.control = control;
    }

    /** Restores an image; its reader stays open. */
    public static Restore of(Image image) {
        return new Restore(Objects.requireNonNull(image, "image"), RestoreOptions.defaults(), JobControl.defaults());
    }

    /** Restores the first image that comes through a channel, such as a pipe; it stays open. */
    public static StreamRestore of(ReadableByteChannel image) {
        return StreamRestore.of(image);
    }

    /** Returns how many bytes of direct memory a restore takes at most with so many workers. */
    public static long memory(int threads) {
        return RestoreRun.memory(threads);
    }

    /** Returns this restore with other options. */
    public Restore options(RestoreOptions newOptions) {
        return new Restore(image, Objects.requireNonNull(newOptions, "newOptions"), control);
    }

    /** Returns this restore with some options changed. */
    public Restore options(Consumer<RestoreOptions.Builder> changes) {
        return options(options.with(changes));
    }

    /** Returns this restore under another control. */
    public Restore control(JobControl newControl) {
        return new Restore(image, options, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this restore with some of its control changed. */
    public Restore control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Restores to a new file, which takes no room for zeros where the filesystem can do that. It is written as
     * {@code NAME.partial} and gets its name when all of it is on the medium: a file of that name is complete. If the
     * restore fails before, nothing is left of it.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists; or if something else has taken the name
     *     meanwhile, and what was restored then stays as {@code NAME.partial}
     * @throws java.nio.file.NoSuchFileException if only a device can have this name, such as under {@code /dev}
     * @throws UnfinishedImageException if {@code NAME.partial} holds an unfinished image
     * @throws java.nio.file.FileSystemException if the file is being written, or {@code NAME.partial} is a link or no
     *     regular file
     * @throws io.platter.block.ImageFormatException if the image is damaged
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted
     * @throws IOException if the image can't be read or the file not be written
     */
    public RestoreReport toNewFile(Path file) throws IOException {
        long size = RestorePlan.sizeOf(image.stored(), options.partition());
        try (PublishedFile target = PublishedFile.create(file)) {
            RestoreReport report;
            try (FileDevice disk = FileDevice.over(target.file(), target.channel())) {
                disk.endAt(size);
                RestorePlan plan = RestorePlan.newFile(image.stored(), options.partition(), disk);
                report = run(new RestoreRun.Branch(plan, true, options.compare()));
            }
            target.publish();
            return report;
        }
    }

    /**
     * Restores to a disk, over what is there. Bytes that the image does not have, UNUSED and UNREADABLE, stay as they
     * are, but where systems look for the marks by which they know what a disk or a volume holds: there they become
     * zeros, also past the end of the image's disk. So nothing is found afterwards but what the image has. The same
     * holds for the first and the last MiB of the image's disk when anything is written elsewhere.
     *
     * <p>All conditions are checked before the first byte is written, but for damage in the image and errors of the disk.
     *
     * @param disk a writable device of at least the image's size, unless {@link RestoreOptions.Builder#allowSmaller}, and with the logical
     *     sectors in which the image's content counts, unless {@link RestoreOptions.Builder#anySectorSize}; stays open
     * @throws IllegalArgumentException if the disk is too small or has other sectors; nothing is written then
     * @throws IllegalStateException if the disk is not writable
     * @throws TargetRefusedException if the disk stands for the image's file, or holds it, under whatever name; or if it
     *     holds an image, unless {@link RestoreOptions.Builder#overImage}; nothing is written then
     * @throws io.platter.block.ImageFormatException if the image is damaged; the disk is half restored then
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted; the
     *     disk is half restored then
     * @throws IOException if the image can't be read or the disk not be written; the disk is half restored then
     */
    public RestoreReport to(BlockDevice disk) throws IOException {
        return run(branch(disk));
    }

    /**
     * Restores to a disk of this machine, or to a file that stands for one, which is opened for writing: see
     * {@link #to(BlockDevice)}.
     *
     * @param disk exists; a new file is made by {@link #toNewFile}
     * @throws io.platter.block.DiskInUseException if the disk is mounted or held by something else
     * @throws IOException as {@link #to(BlockDevice)} does, or if the disk can't be opened
     */
    public RestoreReport to(Path disk) throws IOException {
        try (BlockDevice device = BlockDevices.open(disk, OpenMode.WRITE)) {
            return to(device);
        }
    }

    /**
     * What became of one of several targets.
     *
     * <p>Only this library implements it: methods will be added. Immutable.
     */
    public interface Outcome {
        /** Returns the target. */
        BlockDevice disk();

        /** Returns what was done; empty if the target failed. */
        Optional<RestoreReport> report();

        /** Returns why the target failed: it was refused, or is half restored; empty if it is complete. */
        Optional<Exception> failure();
    }

    private record Ended(BlockDevice disk, Optional<RestoreReport> report, Optional<Exception> failure)
            implements Outcome {}

    /**
     * Restores to several disks at once, and reads and checks the image only once. A disk that is refused or fails does not
     * harm the others.
     *
     * @param disks all different, each as {@link #to(BlockDevice)} takes it; stay open
     * @return what became of each disk, in their order
     * @throws io.platter.block.ImageFormatException if the image is damaged; all disks are half restored then
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted; all
     *     disks are half restored then
     * @throws IOException if the image can't be read; all disks are half restored then
     */
    public List<Outcome> toAll(List<? extends BlockDevice> disks) throws IOException {
        List<Optional<RestoreRun.Branch>> planned = new ArrayList<>();
        List<Optional<Exception>> refusals = new ArrayList<>();
        for (int i = 0; i < disks.size(); i++) {
            try {
                Targets.refuseAmong(disks.get(i), disks.subList(0, i));
                planned.add(Optional.of(branch(disks.get(i))));
                refusals.add(Optional.empty());
            } catch (IOException | RuntimeException e) {
                planned.add(Optional.empty());
                refusals.add(Optional.of(e));
            }
        }
        RestoreRun run = new RestoreRun(
                image.stored(), planned.stream().flatMap(Optional::stream).toList(), control);
        run.run();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < disks.size(); i++) {
            Optional<Exception> failure =
                    planned.get(i).isPresent() ? planned.get(i).get().failure() : refusals.get(i);
            Optional<RestoreReport> report =
                    failure.isPresent() ? Optional.empty() : planned.get(i).map(run::report);
            outcomes.add(new Ended(disks.get(i), report, failure));
        }
        return outcomes;
    }

    private RestoreRun.Branch branch(BlockDevice disk) throws IOException {
        Targets.refuseSame(disk, image.asDevice());
        if (!options.target().overImage()) {
            Targets.refuseImage(disk);
        }
        boolean anySectorSize = options.target().anySectorSize();
        RestorePlan plan = options.partition().isPresent()
                ? RestorePlan.partition(image.stored(), options.partition().getAsInt(), disk, anySectorSize)
                : RestorePlan.whole(image.stored(), disk, options.allowsSmaller(), anySectorSize);
        return new RestoreRun.Branch(plan, false, options.compare());
    }

    private RestoreReport run(RestoreRun.Branch branch) throws IOException {
        RestoreRun run = new RestoreRun(image.stored(), List.of(branch), control);
        run.run();
        if (branch.failure().isPresent()) {
            throw Threads.rethrow(branch.failure().get());
        }
        return run.report(branch);
    }

    @Override
    public String toString() {
        return "Restore[" + image + ", " + options + ", " + control + "]";
    }
}
