package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.engine.pack.PublishedFile;
import io.platter.image.UnfinishedImageException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Restores the first image of a file that comes through a channel which can't seek, such as a pipe, in one pass.
 *
 * <p>The first MiB of the disk is wiped first and written last. Memory: about 8 bytes for each block of the image,
 * and 16 for each run that it has no bytes of.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class StreamRestore {
    private final ReadableByteChannel image;
    private boolean anySectorSize;
    private boolean overImage;
    private int threads = Math.min(Runtime.getRuntime().availableProcessors(), 64);
    private ProgressListener listener = ProgressListener.NONE;
    private CancellationToken cancellation = new CancellationToken();
    private LongSupplier nanoClock = System::nanoTime;

    private StreamRestore(ReadableByteChannel image) {
        this.image = image;
    }

    /**
     * Restores the image that a channel gives; it stays open.
     *
     * @param image if it is {@link io.platter.block.Backed}, as {@link io.platter.block.BlockDevices#standardInput} is,
     *     its file is never overwritten
     */
    public static StreamRestore of(ReadableByteChannel image) {
        return new StreamRestore(Objects.requireNonNull(image, "image"));
    }

    /** Restores to a device with other logical sectors, too; see {@link Restore#anySectorSize}. */
    public StreamRestore anySectorSize(boolean allowed) {
        anySectorSize = allowed;
        return this;
    }

    /**
     * Allows a target that holds a Platter image, which is destroyed; else it is refused. The image that is read is never
     * overwritten.
     */
    public StreamRestore overImage(boolean allowed) {
        overImage = allowed;
        return this;
    }

    /**
     * Sets the number of workers: one for each processor unless said otherwise.
     *
     * @param count 1 to 64
     */
    public StreamRestore threads(int count) {
        if (count < 1 || count > 64) {
            throw new IllegalArgumentException("threads " + count + ", expected 1 to 64");
        }
        threads = count;
        return this;
    }

    /** Sets who is told how far the restore is. */
    public StreamRestore progress(ProgressListener newListener) {
        listener = Objects.requireNonNull(newListener, "newListener");
        return this;
    }

    /** Sets who can ask the restore to stop. */
    public StreamRestore cancellation(CancellationToken token) {
        cancellation = Objects.requireNonNull(token, "token");
        return this;
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
    public RestoreReport toNewFile(Path file) throws IOException {
        try (PublishedFile target = PublishedFile.create(file)) {
            RestoreReport report;
            try (FileDevice disk = FileDevice.over(target.file(), target.channel())) {
                report = newRun().toNewFile(disk);
            }
            target.publish();
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
     *     holds an image, unless {@link #overImage}; nothing is written then
     * @throws io.platter.block.ImageFormatException if the image is damaged; the disk is half restored then
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted; the
     *     disk is half restored then
     * @throws IOException if the channel can't be read or the disk not be written; the disk is half restored then
     */
    public RestoreReport to(BlockDevice disk) throws IOException {
        Targets.refuseSame(disk, image);
        if (!overImage) {
            Targets.refuseImage(disk);
        }
        return newRun().to(disk, anySectorSize);
    }

    private StreamRun newRun() {
        return new StreamRun(image, threads, cancellation, new ProgressMeter(listener, nanoClock));
    }
}
