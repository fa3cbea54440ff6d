package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.engine.guard.Targets;
import io.platter.engine.pack.PublishedFile;
import io.platter.engine.restore.StreamRun;
import io.platter.image.UnfinishedImageException;
import io.platter.job.JobControl;
import io.platter.job.StreamRestoreReport;
import io.platter.job.TargetRefusedException;
import io.platter.job.TargetRules;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Restores the first image of a file that comes through a channel which can't seek, such as a pipe, in one pass.
 *
 * <p>The first MiB of the disk is wiped first and written last. Memory: {@link #memory} bytes of direct memory; on the heap
 * about 8 bytes for each block of the image, and 16 for each run that it has no bytes of.
 *
 * <p>Immutable: {@code target} and {@code control} return another object. A channel can be restored once.
 */
public final class StreamRestore {
    private final ReadableByteChannel image;
    private final TargetRules target;
    private final JobControl control;

    private StreamRestore(ReadableByteChannel image, TargetRules target, JobControl control) {
        this.image = image;
        this.target = target;
        this.control = control;
    }

    /**
     * Restores the image that a channel gives; it stays open.
     *
     * @param image if it is {@link io.platter.block.Backed}, as {@link io.platter.block.BlockDevices#standardInput} is,
     *     its file is never overwritten
     */
    public static StreamRestore of(ReadableByteChannel image) {
        Objects.requireNonNull(image, "image");
        return new StreamRestore(image, TargetRules.defaults(), JobControl.defaults());
    }

    /** Returns how many bytes of direct memory a restore takes at most with so many workers. */
    public static long memory(int threads) {
        return StreamRun.memory(threads);
    }

    /** Returns this restore with other rules for its target. */
    public StreamRestore target(TargetRules rules) {
        return new StreamRestore(image, Objects.requireNonNull(rules, "rules"), control);
    }

    /** Returns this restore under another control. */
    public StreamRestore control(JobControl newControl) {
        return new StreamRestore(image, target, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this restore with some of its control changed. */
    public StreamRestore control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Restores to a new file, which is written as {@code NAME.partial} and gets its name when all of it is on the medium.
     * If the restore fails before, nothing is left of it.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists; or if something else has taken the name
     *     meanwhile, and what was restored then stays as {@code NAME.partial}
     * @throws java.nio.file.NoSuchFileException if only a device can have this name, such as under {@code /dev}
     * @throws UnfinishedImageException if {@code NAME.partial} holds an unfinished image
     * @throws java.nio.file.FileSystemException if the file is being written, or {@code NAME.partial} is a link or no
     *     regular file
     * @throws io.platter.block.ImageFormatException if the image is damaged
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted
     * @throws IOException if the channel can't be read or the file not be written
     */
    public StreamRestoreReport toNewFile(Path file) throws IOException {
        try (PublishedFile published = PublishedFile.create(file)) {
            StreamRestoreReport report;
            try (FileDevice disk = FileDevice.over(published.file(), published.channel())) {
                report = new StreamRun(image, control).toNewFile(disk);
            }
            published.publish();
            return report;
        }
    }

    /**
     * Restores to a disk, over what is there, as {@link Restore#to} does.
     *
     * @param disk a writable device with the image's logical sectors, as the stream says them ahead; stays open. If the
     *     partition table then turns out to be for others, the report says so
     * @throws IllegalArgumentException if the disk is too small or has other sectors. If the stream says its disk's size
     *     ahead, as it does unless that was captured from a pipe, nothing is written then
     * @throws TargetRefusedException if the disk stands for the channel's file, as far as the channel knows it; or if it
     *     holds an image, unless {@link TargetRules#overImage(boolean)}; nothing is written then
     * @throws io.platter.block.ImageFormatException if the image is damaged; the disk is half restored then
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted; the
     *     disk is half restored then
     * @throws IOException if the channel can't be read or the disk not be written; the disk is half restored then
     */
    public StreamRestoreReport to(BlockDevice disk) throws IOException {
        Targets.refuseSame(disk, image);
        if (!target.overImage()) {
            Targets.refuseImage(disk);
        }
        return new StreamRun(image, control).to(disk, target.anySectorSize());
    }

    @Override
    public String toString() {
        return "StreamRestore[" + target + ", " + control + "]";
    }
}
