package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.engine.line.Threads;
import io.platter.engine.pack.ChannelStorage;
import io.platter.engine.pack.ImageTarget;
import io.platter.engine.pack.Pack;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.pack.StreamPack;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.OpenFile;
import io.platter.engine.write.ImageBuilder;
import io.platter.engine.write.ReadAhead;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.Limits;
import io.platter.image.PartitionSummary;
import io.platter.image.UnfinishedImageException;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes an image of a disk, from the disk's start to its end.
 *
 * <p>A new file is written as {@code NAME.partial} and gets its name when it is finished; what takes the name meanwhile is
 * not replaced. Nothing counts before
 * {@link #finish()} or {@link #checkpoint()}. {@link #close()} without {@code finish()} drops what came after the last
 * checkpoint: a new file without one is deleted, a file that was appended to is what it was before.
 *
 * <p>Memory: 2.25 MiB × (2 × threads + 4) + 2 × frame size × (2 × threads + 2), 4 MiB for a file, and at most 24 bytes
 * for each different block of the file.
 *
 * <p>Not thread-safe: one thread at a time; different threads may use different instances.
 */
public final class ImageWriter implements Closeable {
    private final RecordOutput output;
    private final ImageBuilder builder;
    private final DiskGeometry disk;

    private final Pack pack;

    private final TreeMap<String, String> properties = new TreeMap<>();
    private List<PartitionSummary> partitions = List.of();
    private long dataSinceCheckpoint;

    /** The commit to which the file goes back if the writing ends early. */
    private Commit safe;

    private boolean announced;
    private boolean closed;

    private ImageWriter(RecordOutput output, ImageBuilder builder, DiskGeometry disk, Pack pack) {
        this.output = output;
        this.builder = builder;
        this.disk = disk;
        this.pack = pack;
        this.safe = output.lastCommit();
        this.announced = builder.position() > 0;
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
     * @throws java.nio.file.FileAlreadyExistsException if {@code image} exists, even as a link to nothing, unless
     *     {@link ImageOptions#replacesExisting()}
     * @throws UnfinishedImageException if {@code NAME.partial} holds an image that can be resumed or published
     * @throws java.nio.file.FileSystemException if the file is being written, or {@code NAME.partial} is a link or no
     *     regular file
     * @throws IOException if the file can't be written
     */
    public static ImageWriter create(Path image, DiskGeometry disk, ImageOptions options) throws IOException {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(options, "options");
        Pack pack = ImageTarget.create(image, options.replacesExisting());
        return closingOnFailure(pack, () -> create(pack, disk, options));
    }

    /**
     * Starts a new image in a channel, such as a pipe.
     *
     * @param image where the file's bytes go, in one pass; stays open
     * @param disk the disk's geometry
     * @param options how the image is written; there are no checkpoints
     * @throws IOException if the channel can't be written
     */
    public static ImageWriter create(WritableByteChannel image, DiskGeometry disk, ImageOptions options)
            throws IOException {
        Objects.requireNonNull(disk, "disk");
        return create(new StreamPack(new ChannelStorage(image)), disk, options);
    }

    static ImageWriter create(Pack pack, DiskGeometry disk, ImageOptions options) throws IOException {
        RecordOutput output = RecordOutput.create(
                pack.storage(),
                options.level(),
                new FileHeader(options.fileId().orElseGet(FileId::random), Features.NONE));
        return new ImageWriter(output, ImageBuilder.create(output, disk, options), disk, pack);
    }

    /**
     * Starts one more image in a file; it shares the blocks of the images that are there. Should an earlier one be
     * unfinished, it can't be resumed any more, but its blocks are shared too.
     *
     * @param image the file
     * @param disk the disk's geometry
     * @param options how the image is written
     * @throws io.platter.block.ImageFormatException if the file is damaged, or has features that this version lacks; an
     *     end that is only torn is cut off, an image of which only the commit is missing is committed
     * @throws java.nio.file.FileSystemException if the file is being written, under this name or another one
     * @throws IOException if the file can't be read or written
     */
    public static ImageWriter append(Path image, DiskGeometry disk, ImageOptions options) throws IOException {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(options, "options");
        return reopen(
                ImageTarget.append(image),
                (file, output) -> new Opened(ImageBuilder.append(output, file, disk, options), disk),
                options);
    }

    /**
     * Goes on with an unfinished image from its last checkpoint: with {@code NAME.partial}, or with the file itself if
     * it was appended to. {@link #position()} tells where. The rule by which blocks are cut is the unfinished image's.
     *
     * @param image the name of the file as it was created
     * @param options how the rest is written
     * @throws java.nio.file.NoSuchFileException if there is no unfinished image with a checkpoint
     * @throws io.platter.block.ImageFormatException if the file is damaged, or has features that this version lacks
     * @throws java.nio.file.FileSystemException if the file is being written, under this name or another one
     * @throws IOException if the file can't be read or written
     */
    public static ImageWriter resume(Path image, ImageOptions options) throws IOException {
        Objects.requireNonNull(options, "options");
        return reopen(
                ImageTarget.resume(image),
                (existing, output) -> {
                    ImageRoot root = existing.rootToResume().orElseThrow();
                    long size = root.diskSize() == 0 ? -1 : root.diskSize();
                    DiskGeometry disk = new DiskGeometry(
                            size,
                            root.statement().logicalSectorSize(),
                            root.statement().physicalSectorSize());
                    return new Opened(ImageBuilder.resume(output, existing, root, disk, options), disk);
                },
                options);
    }

    /** Tells whether {@link #resume} would find an unfinished image to go on with. */
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

    private record Opened(ImageBuilder builder, DiskGeometry disk) {}

    private interface Opener {
        Opened open(ImageFile file, RecordOutput output) throws IOException;
    }

    private static ImageWriter reopen(Pack pack, Opener opener, ImageOptions options) throws IOException {
        return closingOnFailure(pack, () -> {
            ImageFile existing = ImageFile.open(pack.bytes());
            existing.checkWritable(options.discardsDamagedEnd());
            Optional<ImageRoot> partial = existing.rootToResume();
            Optional<ImageProperties> words =
                    partial.isPresent() ? Optional.of(existing.properties(partial.get())) : Optional.empty();
            pack.goOnAfter(existing);
            RecordOutput output = RecordOutput.append(pack.storage(), options.level(), existing);
            Opened opened = opener.open(existing, output);
            ImageWriter writer = new ImageWriter(output, opened.builder, opened.disk, pack);
            if (opened.builder.position() > 0) {
                words.ifPresent(writer::takeOver);
            }
            return writer;
        });
    }

    private interface Opening {
        ImageWriter open() throws IOException;
    }

    private static ImageWriter closingOnFailure(Pack pack, Opening opening) throws IOException {
        try {
            return opening.open();
        } catch (IOException | RuntimeException | Error e) {
            try {
                pack.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private void takeOver(ImageProperties unfinished) {
        properties.putAll(unfinished.properties());
        partitions(unfinished.partitions());
    }

    /** Returns the disk's geometry. */
    public DiskGeometry disk() {
        return disk;
    }

    /** Returns the disk offset at which the next extent starts: where the last one ended. */
    public long position() {
        return builder.position();
    }

    /**
     * Sets a property of the image.
     *
     * @param key 1 to 1024 bytes in UTF-8
     * @param value any text; all properties together have at most 1 MiB
     */
    public ImageWriter property(String key, String value) {
        checkOpen();
        properties.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /** Returns a property that was set, here or before the image was resumed. */
    public Optional<String> property(String key) {
        return Optional.ofNullable(properties.get(key));
    }

    /**
     * Sets in which sectors the partition table and the filesystems of the disk count: the device's logical ones, unless
     * said otherwise, before the first extent.
     *
     * @param bytes a power of two from 512 to 65,536
     */
    public ImageWriter contentSectorSize(int bytes) {
        checkOpen();
        if (bytes < 512 || bytes > 65_536 || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(
                    "sectors of " + bytes + " bytes, expected a power of two from 512 to 65536");
        }
        if (!announced) {
            builder.contentSectorSize(bytes);
        }
        return this;
    }

    /**
     * Sets what the image says of the disk's partitions. Before the first extent, it also makes the grid on which
     * blocks are cut start anew at each partition, so that a filesystem gives the same blocks wherever it stands.
     */
    public ImageWriter partitions(List<PartitionSummary> summaries) {
        checkOpen();
        partitions = List.copyOf(summaries);
        if (!builder.isStarted()) {
            builder.origins(partitions.stream()
                    .mapToLong(PartitionSummary::diskOffset)
                    .sorted()
                    .toArray());
        }
        return this;
    }

    /** Tells a reader that can't seek, ahead of the data, what it will get. */
    private void announce() throws IOException, InterruptedException {
        if (!announced) {
            announced = true;
            builder.checkpoint(new ImageProperties(properties, partitions), false);
        }
    }

    /**
     * Takes bytes of the disk, from the buffer's position to its limit. Cells of zeros, or of one pattern, in them
     * become ZERO and FILL extents.
     *
     * @param diskOffset where they stand on the disk: {@link #position()}
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        checkNext(diskOffset, bytes.remaining());
        try {
            announce();
            while (bytes.hasRemaining()) {
                ByteBuffer room = builder.room();
                int count = Math.min(room.remaining(), bytes.remaining());
                room.put(bytes.slice(bytes.position(), count));
                bytes.position(bytes.position() + count);
                builder.filled(count);
                taken(count);
            }
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /** Returns what reads a disk ahead of this image, from its position on. */
    ReadAhead readAhead(BlockDevice source, ReadAhead.Plan plan) {
        return builder.readAhead(source, plan);
    }

    /**
     * Takes the piece of the disk that is being read.
     *
     * @param piece where it stands
     * @throws DeviceException if it can't be read; writing can go on with something else in its place
     */
    void data(ReadAhead ahead, Extent piece) throws IOException {
        checkNext(piece.offset(), piece.length());
        try {
            announce();
            builder.take(ahead, (int) piece.length());
            taken((int) piece.length());
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    private void taken(int count) throws IOException, InterruptedException {
        dataSinceCheckpoint += count;
        if (pack.keepsCommits() && dataSinceCheckpoint >= builder.options().checkpointInterval()) {
            checkpoint();
        }
    }

    /**
     * Takes a run of zeros.
     *
     * @param diskOffset where it starts on the disk: {@link #position()}
     * @param length in bytes, 1 or more
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void zero(long diskOffset, long length) throws IOException {
        run(diskOffset, length, ExtentKind.ZERO, 0);
    }

    /**
     * Takes a run that the filesystem does not use, and whose bytes are not kept.
     *
     * @param diskOffset where it starts on the disk: {@link #position()}
     * @param length in bytes, 1 or more
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void unused(long diskOffset, long length) throws IOException {
        run(diskOffset, length, ExtentKind.UNUSED, 0);
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
        run(diskOffset, length, ExtentKind.UNREADABLE, osError);
    }

    private void run(long diskOffset, long length, ExtentKind kind, long detail) throws IOException {
        checkNext(diskOffset, length);
        if (length == 0) {
            throw new IllegalArgumentException("run of 0 bytes at disk offset " + diskOffset);
        }
        try {
            announce();
            builder.run(kind, length, detail);
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /**
     * Commits what was taken so far, up to the end of the last block, so that the writing can be resumed from there.
     *
     * @throws IllegalStateException if the image goes to a channel
     * @throws IOException if the image can't be written; nothing more can be written then
     */
    public void checkpoint() throws IOException {
        checkOpen();
        if (!pack.keepsCommits()) {
            throw new IllegalStateException("an image in a channel has no checkpoints");
        }
        try {
            announced = true;
            long covered = builder.checkpoint(new ImageProperties(properties, partitions), true);
            dataSinceCheckpoint = 0;
            if (covered > 0) {
                safe = output.lastCommit();
            }
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
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
        checkOpen();
        if (disk.size() >= 0 && position() != disk.size()) {
            throw new IllegalStateException(
                    "the image ends at disk offset " + position() + ", but the disk has " + disk.size() + " bytes");
        }
        try {
            announce();
            ImageProperties words = new ImageProperties(properties, partitions);
            ImageRoot root = builder.finish(words);
            closed = true;
            builder.close();
            pack.publish();
            return Image.infoOf(root, words);
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /** Returns the last place not behind {@code diskOffset} at which zeros can start or end. */
    long cellFloor(long diskOffset) {
        return builder.cellFloor(diskOffset);
    }

    /** Returns the first place not before {@code diskOffset} at which zeros can start or end. */
    long cellCeiling(long diskOffset) {
        long floor = cellFloor(diskOffset);
        return floor == diskOffset ? diskOffset : cellFloor(diskOffset + Limits.CLUSTER - 1);
    }

    /** Returns the file to which the image is written. */
    Optional<Path> file() {
        return pack.file();
    }

    /** Returns the name that the file has when the image is finished, unless the image goes to a channel. */
    Optional<Path> finishedFile() {
        return pack.finalName();
    }

    /** Reads what is committed, through the channel that writes it: opening the file again would end its lock. */
    ImageReader reader() throws IOException {
        return new ImageReader(new OpenFile(pack.bytes()));
    }

    /** Returns how much went through, in bytes, for progress. */
    io.platter.engine.write.Counters counters() {
        return builder.counters();
    }

    /** Ends the writing. Without {@link #finish()}, what came after the last checkpoint is dropped. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        builder.close();
        pack.abandon(safe);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the image is closed");
        }
    }

    private void checkNext(long diskOffset, long length) {
        checkOpen();
        if (diskOffset != position()) {
            throw new IllegalArgumentException("extent at disk offset " + diskOffset + ", expected at " + position());
        }
        if (length < 0 || diskOffset + length < 0 || (disk.size() >= 0 && diskOffset + length > disk.size())) {
            throw new IllegalArgumentException(
                    "extent of " + length + " bytes at disk offset " + diskOffset + ", the disk has " + disk.size());
        }
    }
}
