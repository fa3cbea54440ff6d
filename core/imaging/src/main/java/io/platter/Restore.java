package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.engine.pack.PublishedFile;
import io.platter.image.UnfinishedImageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * Restores an image to a disk. Each block's hash is checked before the block is written.
 *
 * <p>The first and the last MiB of the disk and its partition table are wiped first and written last: a disk that is half
 * restored does not boot. On a disk that is larger than the image's, the backup of a GPT is moved to the new end.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Restore {
    private final Image image;
    private boolean compare;
    private boolean anySectorSize;
    private boolean allowSmaller;
    private boolean overImage;
    private OptionalInt partition = OptionalInt.empty();
    private int threads = Math.min(Runtime.getRuntime().availableProcessors(), 64);
    private ProgressListener listener = ProgressListener.NONE;
    private CancellationToken cancellation = new CancellationToken();
    private LongSupplier nanoClock = System::nanoTime;

    private Restore(Image image) {
        this.image = image;
    }

    /** Restores an image; its reader stays open. */
    public static Restore of(Image image) {
        return new Restore(Objects.requireNonNull(image, "image"));
    }

    /** Writes only what differs: reads the disk first, and leaves what is right. */
    public Restore compare(boolean onlyDifferences) {
        compare = onlyDifferences;
        return this;
    }

    /**
     * Restores to a device with other logical sectors than those in which the image's content counts, too: right for a
     * file, which has none, and wrong for a disk, whose partition table and filesystems would not be understood. The
     * content's GPT says its sectors; without one, they are those of the image's disk.
     */
    public Restore anySectorSize(boolean allowed) {
        anySectorSize = allowed;
        return this;
    }

    /**
     * Restores one partition of the image's disk only, to a device that stands for the partition: on a larger one, too,
     * marks of what it was before become zeros up to its end.
     *
     * @param index the partition's number in the image's partition table
     */
    public Restore partition(int index) {
        partition = OptionalInt.of(index);
        return this;
    }

    /**
     * Allows a disk that is smaller than the image's, if all partitions and all that is kept fit on it. A volume on a
     * disk without partitions needs as much as it says of itself, however little of it is used, and all of the image's
     * disk if that is not known. The backup of a GPT is moved to the disk's end.
     */
    public Restore allowSmaller(boolean allowed) {
        allowSmaller = allowed;
        return this;
    }

    /**
     * Allows a target that holds a Platter image, which is destroyed; else it is refused. The image that is read is never
     * overwritten.
     */
    public Restore overImage(boolean allowed) {
        overImage = allowed;
        return this;
    }

    /**
     * Sets the number of workers: one for each processor unless said otherwise.
     *
     * @param count 1 to 64
     */
    public Restore threads(int count) {
        if (count < 1 || count > 64) {
            throw new IllegalArgumentException("threads " + count + ", expected 1 to 64");
        }
        threads = count;
        return this;
    }

    /** Sets who is told how far the restore is. */
    public Restore progress(ProgressListener newListener) {
        listener = Objects.requireNonNull(newListener, "newListener");
        return this;
    }

    /** Sets who can ask the restore to stop. */
    public Restore cancellation(CancellationToken token) {
        cancellation = Objects.requireNonNull(token, "token");
        return this;
    }

    Restore clock(LongSupplier newNanoClock) {
        nanoClock = newNanoClock;
        return this;
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
        long size = RestorePlan.sizeOf(image, partition);
        try (PublishedFile target = PublishedFile.create(file)) {
            RestoreReport report;
            try (FileDevice disk = FileDevice.over(target.file(), target.channel())) {
                disk.endAt(size);
                report = run(RestorePlan.newFile(image, partition, disk), true);
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
     * @param disk a writable device of at least the image's size, unless {@link #allowSmaller}, and with the logical
     *     sectors in which the image's content counts, unless {@link #anySectorSize}; stays open
     * @throws IllegalArgumentException if the disk is too small or has other sectors; nothing is written then
     * @throws IllegalStateException if the disk is not writable
     * @throws TargetRefusedException if the disk stands for the image's file, or holds it, under whatever name; or if it
     *     holds an image, unless {@link #overImage}; nothing is written then
     * @throws io.platter.block.ImageFormatException if the image is damaged; the disk is half restored then
     * @throws java.util.concurrent.CancellationException if the restore was cancelled or the thread interrupted; the
     *     disk is half restored then
     * @throws IOException if the image can't be read or the disk not be written; the disk is half restored then
     */
    public RestoreReport to(BlockDevice disk) throws IOException {
        Targets.refuseSame(disk, image.asDevice());
        if (!overImage) {
            Targets.refuseImage(disk);
        }
        RestorePlan plan = partition.isPresent()
                ? RestorePlan.partition(image, partition.getAsInt(), disk, anySectorSize)
                : RestorePlan.whole(image, disk, allowSmaller, anySectorSize);
        return run(plan, false);
    }

    private RestoreReport run(RestorePlan plan, boolean isZero) throws IOException {
        return new RestoreRun(
                        image, plan, isZero, compare, threads, cancellation, new ProgressMeter(listener, nanoClock))
                .run();
    }
}
