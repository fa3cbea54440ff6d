package io.platter;

import io.platter.engine.pack.ChannelStorage;
import io.platter.engine.pack.ImageTarget;
import io.platter.engine.pack.Pack;
import io.platter.engine.pack.StreamPack;
import io.platter.engine.store.StoreSession;
import io.platter.engine.write.FileSession;
import io.platter.engine.write.ImageSession;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.PartitionSummary;
import io.platter.image.UnfinishedImageException;
import io.platter.job.JobControl;
import io.platter.pack.PackStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes an image of a disk, from the disk's start to its end.
 *
 * <p>A new file is written as {@code NAME.partial} and gets its name when it is finished; what takes the name meanwhile is
 * not replaced. Nothing counts before
 * {@link #finish()} or {@link #checkpoint()}. {@link #close()} without {@code finish()} drops what came after the last
 * checkpoint: a new file without one is deleted, a file that was appended to is what it was before.
 *
 * <p>Memory: {@link #memory} bytes of direct memory until it is closed, which the {@link JobControl control}'s budget lends,
 * and on the heap at most 24 bytes for each different block of the file.
 *
 * <p>Not thread-safe: one thread at a time; different threads may use different instances.
 */
public final class ImageWriter implements Closeable {
    /**
     * Starts an image when the disk is known that is captured.
     *
     * <p>Used by one thread at a time.
     */
    @FunctionalInterface
    public interface Opener {
        /**
         * Starts it.
         *
         * @param disk the disk's geometry
         * @param control the capture's
         * @return is closed by who asked
         */
        ImageWriter open(DiskGeometry disk, JobControl control) throws IOException;
    }

    private final ImageSession session;

    private ImageWriter(ImageSession session) {
        this.session = session;
    }

    /**
     * Returns how many bytes of direct memory writing an image takes.
     *
     * @param threads how many workers there are, from 1
     */
    public static long memory(ImageOptions options, int threads) {
        return ImageSession.memory(options, threads);
    }

    /**
     * Starts a new image file. Only this writer writes a file of that name until it is closed, in this program and among
     * all that use this library: the lock is a file of its own, {@code NAME.lock}.
     *
     * <p>A {@code NAME.partial} that an earlier job has left is taken over if it is of no use: it holds no checkpoint.
     *
     * @param image the file's name
     * @param disk the disk's geometry
     * @param options how the image is written
     * @param control its threads and memory; progress and cancellation are up to who calls this writer
     * @throws java.nio.file.FileAlreadyExistsException if {@code image} exists, even as a link to nothing, unless
     *     {@link ImageOptions#replacesExisting()}
     * @throws UnfinishedImageException if {@code NAME.partial} holds an image that can be resumed or published
     * @throws java.nio.file.FileSystemException if the file is being written, or {@code NAME.partial} is a link or no
     *     regular file
     * @throws IOException if the file can't be written
     */
    public static ImageWriter create(Path image, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        Objects.requireNonNull(disk, "disk");
        return new ImageWriter(FileSession.create(
                () -> ImageTarget.create(image, options.replacesExisting(), control), disk, options, control));
    }

    /** Starts a new image file with the default control: see {@link #create(Path, DiskGeometry, ImageOptions, JobControl)}. */
    public static ImageWriter create(Path image, DiskGeometry disk, ImageOptions options) throws IOException {
        return create(image, disk, options, JobControl.defaults());
    }

    /**
     * Starts a new image in a channel, such as a pipe.
     *
     * @param image where the file's bytes go, in one pass; stays open
     * @param disk the disk's geometry
     * @param options how the image is written; there are no checkpoints
     * @param control its threads and memory
     * @throws IOException if the channel can't be written
     */
    public static ImageWriter create(
            WritableByteChannel image, DiskGeometry disk, ImageOptions options, JobControl control) throws IOException {
        return create(new StreamPack(new ChannelStorage(image)), disk, options, control);
    }

    /** Starts a new image in a channel with the default control. */
    public static ImageWriter create(WritableByteChannel image, DiskGeometry disk, ImageOptions options)
            throws IOException {
        return create(image, disk, options, JobControl.defaults());
    }

    /**
     * Starts an image in a store of packs. It counts when it is {@linkplain #finish finished}, and not at all otherwise;
     * there are no checkpoints.
     *
     * @param store takes the image; stays the caller's
     * @param base an earlier image of the disk in the same store, opened with its packs: what the disk still has of it is
     *     neither looked for elsewhere nor written
     * @param disk the disk's geometry
     * @param options how the image is written
     * @param control its threads and memory: {@link #memory}, and four packs
     * @throws IOException if the store can't be written
     */
    public static ImageWriter create(
            PackStore store, Optional<Image> base, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        Objects.requireNonNull(disk, "disk");
        return new ImageWriter(StoreSession.open(store, base.map(Image::stored), disk, options, control));
    }

    static ImageWriter create(Pack pack, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        Objects.requireNonNull(disk, "disk");
        return new ImageWriter(FileSession.create(() -> pack, disk, options, control));
    }

    /**
     * Starts one more image in a file; it shares the blocks of the images that are there. Should an earlier one be
     * unfinished, it can't be resumed any more, but its blocks are shared too.
     *
     * @param image the file
     * @param disk the disk's geometry
     * @param options how the image is written
     * @param control its threads and memory
     * @throws io.platter.block.ImageFormatException if the file is damaged, or has features that this version lacks; an
     *     end that is only torn is cut off, an image of which only the commit is missing is committed
     * @throws java.nio.file.FileSystemException if the file is being written, under this name or another one
     * @throws IOException if the file can't be read or written
     */
    public static ImageWriter append(Path image, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        Objects.requireNonNull(disk, "disk");
        return new ImageWriter(FileSession.append(image, disk, options, control));
    }

    /** Starts one more image in a file with the default control. */
    public static ImageWriter append(Path image, DiskGeometry disk, ImageOptions options) throws IOException {
        return append(image, disk, options, JobControl.defaults());
    }

    /**
     * Resumes an unfinished image from its last checkpoint: with {@code NAME.partial}, or with the file itself if
     * it was appended to. {@link #position()} tells where. The rule by which blocks are cut is the unfinished image's.
     *
     * @param image the name of the file as it was created
     * @param options how the rest is written
     * @param control its threads and memory
     * @throws java.nio.file.NoSuchFileException if there is no unfinished image with a checkpoint
     * @throws io.platter.block.ImageFormatException if the file is damaged, or has features that this version lacks
     * @throws java.nio.file.FileSystemException if the file is being written, under this name or another one
     * @throws IOException if the file can't be read or written
     */
    public static ImageWriter resume(Path image, ImageOptions options, JobControl control) throws IOException {
        return new ImageWriter(FileSession.resume(image, options, control));
    }

    /** Resumes an unfinished image with the default control. */
    public static ImageWriter resume(Path image, ImageOptions options) throws IOException {
        return resume(image, options, JobControl.defaults());
    }

    /**
     * Resumes an unfinished image of this name if there is one, and starts a new one otherwise: for a job that is run again
     * until it succeeds.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the image is there and finished, unless
     *     {@link ImageOptions#replacesExisting()}
     * @throws IOException as {@link #resume} and {@link #create} do
     */
    public static ImageWriter resumeOrCreate(Path image, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        return canResume(image) ? resume(image, options, control) : create(image, disk, options, control);
    }

    /**
     * Starts one more image in a file, or the first one if there is no such file: for a backup that is made every night.
     *
     * @throws IOException as {@link #append} and {@link #create} do
     */
    public static ImageWriter appendOrCreate(Path image, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        return Files.exists(image) ? append(image, disk, options, control) : create(image, disk, options, control);
    }

    /** Tells whether {@link #resume} would find an unfinished image to resume. */
    public static boolean canResume(Path image) throws IOException {
        return ImageTarget.findUnfinished(image).isPresent();
    }

    /**
     * Gives a finished image its name, if {@code NAME.partial} holds one: a program was killed just before it did so, or
     * found the name taken.
     *
     * @return whether there was such an image; it is now {@code image}
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken
     * @throws java.nio.file.FileSystemException if the file is being written, or {@code NAME.partial} is a link or no
     *     regular file
     * @throws IOException if the file can't be read, or not get its name
     */
    public static boolean publishFinished(Path image) throws IOException {
        return ImageTarget.publishFinished(image);
    }

    /**
     * Deletes {@code NAME.partial}, whatever it holds: an unfinished image can't be resumed any more then.
     *
     * @param image the name of the file as it was created
     * @return whether there was something to delete
     * @throws java.nio.file.FileSystemException if the file is being written, or {@code NAME.partial} is a link or no
     *     regular file
     * @throws IOException if it can't be deleted
     */
    public static boolean discardUnfinished(Path image) throws IOException {
        return ImageTarget.discardUnfinished(image);
    }

    /** Returns the disk's geometry. */
    public DiskGeometry disk() {
        return session.disk();
    }

    /** Returns the disk offset at which the next extent starts: where the last one ended. */
    public long position() {
        return session.position();
    }

    /**
     * Sets a property of the image.
     *
     * @param key 1 to 1024 bytes in UTF-8
     * @param value any text; all properties together have at most 1 MiB
     */
    public ImageWriter property(String key, String value) {
        session.property(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /** Returns a property that was set, here or before the image was resumed. */
    public Optional<String> property(String key) {
        return session.property(key);
    }

    /**
     * Sets in which sectors the partition table and the filesystems of the disk count: the device's logical ones, unless
     * said otherwise, before the first extent.
     *
     * @param bytes a power of two from 512 to 65,536
     */
    public ImageWriter contentSectorSize(int bytes) {
        session.contentSectorSize(bytes);
        return this;
    }

    /**
     * Sets what the image says of the disk's partitions. Before the first extent, it also makes the grid on which
     * blocks are cut start anew at each partition, so that a filesystem gives the same blocks wherever it stands.
     */
    public ImageWriter partitions(List<PartitionSummary> summaries) {
        session.partitions(summaries);
        return this;
    }

    /**
     * Takes bytes of the disk, from the buffer's position to its limit. Cells of zeros, or of one pattern, in them
     * become ZERO and FILL extents.
     *
     * @param diskOffset where they stand on the disk: {@link #position()}
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        session.data(diskOffset, bytes);
    }

    /**
     * Takes a run of zeros.
     *
     * @param diskOffset where it starts on the disk: {@link #position()}
     * @param length in bytes, 1 or more
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void zero(long diskOffset, long length) throws IOException {
        session.run(diskOffset, length, ImageExtentKind.ZERO, 0);
    }

    /**
     * Takes a run that the filesystem does not use, and whose bytes are not kept.
     *
     * @param diskOffset where it starts on the disk: {@link #position()}
     * @param length in bytes, 1 or more
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void unused(long diskOffset, long length) throws IOException {
        session.run(diskOffset, length, ImageExtentKind.UNUSED, 0);
    }

    /**
     * Takes a run that could not be read.
     *
     * @param diskOffset where it starts on the disk: {@link #position()}
     * @param length in bytes, 1 or more
     * @param osError the operating system's error code, or 0
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void unreadable(long diskOffset, long length, int osError) throws IOException {
        session.run(diskOffset, length, ImageExtentKind.UNREADABLE, osError);
    }

    /**
     * Commits what was taken so far, up to the end of the last block, so that the writing can be resumed from there.
     *
     * @throws IllegalStateException if the image goes to a channel
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void checkpoint() throws IOException {
        session.checkpoint();
    }

    /**
     * Commits the image, and gives a new file its name. The disk ends where the last extent ended.
     *
     * @return what was written
     * @throws IllegalStateException if the disk's size was given and is another
     * @throws java.nio.file.FileAlreadyExistsException if something else has taken the name; the finished image then
     *     stays as {@code NAME.partial}, see {@link #publishFinished}
     * @throws java.nio.file.FileSystemException if the file was moved, deleted or replaced while it was written
     * @throws IOException if the image can't be written
     */
    public ImageInfo finish() throws IOException {
        return session.finish();
    }

    ImageSession session() {
        return session;
    }

    /** Ends the writing. Without {@link #finish()}, what came after the last checkpoint is dropped. */
    @Override
    public void close() throws IOException {
        session.close();
    }

    @Override
    public String toString() {
        return "image of " + session.disk() + ", written up to " + position()
                + session.finishedFile().map(file -> ", to " + file).orElse("");
    }
}
