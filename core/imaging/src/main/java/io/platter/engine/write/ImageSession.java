package io.platter.engine.write;

import io.platter.block.BlockDevice;
import io.platter.engine.line.Allotment;
import io.platter.engine.line.Threads;
import io.platter.engine.pack.Pack;
import io.platter.engine.read.StoredImage;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageDescription;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.PartitionSummary;
import io.platter.image.codec.Commit;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One image that is being written to a pack, from its first byte to its commit or its abandonment: checkpoints, properties,
 * and what is left when the writing ends early.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageSession implements AutoCloseable {
    /** What the file that an image is written to takes besides the line: two buffers, in bytes. */
    private static final long FILE_MEMORY = 4 << 20;

    private final Supplier<Commit> lastCommit;
    private final ImageBuilder builder;
    private final DiskGeometry disk;
    private final Pack pack;
    private final Allotment allotment;

    private final TreeMap<String, String> properties = new TreeMap<>();
    private List<PartitionSummary> partitions = List.of();
    private long dataSinceCheckpoint;

    /** The commit to which the file goes back if the writing ends early. */
    private Commit fallback;

    private Optional<Base> base = Optional.empty();
    private boolean announced;
    private boolean closed;

    ImageSession(Supplier<Commit> lastCommit, ImageBuilder builder, DiskGeometry disk, Pack pack, Allotment allotment) {
        this.lastCommit = lastCommit;
        this.builder = builder;
        this.disk = disk;
        this.pack = pack;
        this.allotment = allotment;
        this.fallback = lastCommit.get();
        this.announced = builder.position() > 0;
    }

    /** Returns how many bytes of direct memory a session takes with so many workers. */
    public static long memory(ImageOptions options, int threads) {
        return ImageBuilder.memory(options, threads) + FILE_MEMORY;
    }

    /**
     * An earlier image of the disk, in the same store.
     *
     * @param image the image
     * @param mayUse tells of a frame of it whether a new image may refer to it; safe for use by several threads
     */
    public record Base(StoredImage image, Predicate<RecordLocation> mayUse) {}

    /**
     * An image that was started in a store.
     *
     * @param builder builds it
     * @param pack is told how it ends
     * @param base an earlier image whose leaves can be kept
     */
    public record Opened(ImageBuilder builder, Pack pack, Optional<Base> base) {}

    /** Starts an image in a store when there is memory for it. */
    @FunctionalInterface
    public interface StoreOpener {
        /** Starts it. */
        Opened open(ImageBuilder.Crew crew) throws IOException;
    }

    /** Starts an image in a store, which counts as a whole or not at all. */
    public static ImageSession inStore(
            IntToLongFunction memory, DiskGeometry disk, ImageOptions options, JobControl control, StoreOpener opener)
            throws IOException {
        Allotment allotment = Allotment.take(control, memory);
        try {
            Opened opened = opener.open(ImageBuilder.Crew.of(control, allotment.threads(), options));
            ImageSession session =
                    new ImageSession(() -> Commit.none(FileId.random()), opened.builder, disk, opened.pack, allotment);
            session.base = opened.base;
            session.announced = true; // Nobody reads it before it is complete.
            return session;
        } catch (IOException | RuntimeException | Error e) {
            allotment.close();
            throw e;
        }
    }

    /** Returns the disk's geometry. */
    public DiskGeometry disk() {
        return disk;
    }

    /** Returns the disk offset at which the next extent starts: where the last one ended. */
    public long position() {
        return builder.position();
    }

    /** Sets a property of the image. */
    public void property(String key, String value) {
        checkOpen();
        properties.put(key, value);
    }

    /** Returns a property that was set, here or before the image was resumed. */
    public Optional<String> property(String key) {
        return Optional.ofNullable(properties.get(key));
    }

    /** Sets in which sectors the disk's content counts, before the first extent. */
    public void contentSectorSize(int bytes) {
        checkOpen();
        if (bytes < 512 || bytes > 65_536 || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(
                    "sectors of " + bytes + " bytes, expected a power of two from 512 to 65536");
        }
        if (!announced) {
            builder.contentSectorSize(bytes);
        }
    }

    /** Sets what the image says about the disk's partitions; before the first extent, the grid starts anew at each. */
    public void partitions(List<PartitionSummary> summaries) {
        checkOpen();
        partitions = List.copyOf(summaries);
        if (!builder.isStarted()) {
            builder.grid(gridOf(partitions));
        }
    }

    /** Returns the grid of a disk with these partitions. */
    public static Grid gridOf(List<PartitionSummary> partitions) {
        return Grid.startingAt(partitions.stream()
                .mapToLong(PartitionSummary::diskOffset)
                .sorted()
                .toArray());
    }

    /** Returns the grid on which blocks are cut. */
    public Grid grid() {
        return builder.grid();
    }

    /** Tells a reader that can't seek, ahead of the data, what it will get. */
    private void announce() throws IOException, InterruptedException {
        if (!announced) {
            announced = true;
            builder.checkpoint(new ImageProperties(properties, partitions), false);
        }
    }

    /** Takes bytes of the disk, from the buffer's position to its limit. */
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

    /** Returns what reads a disk ahead of this image, from its position to an end. */
    public ReadAhead readAhead(BlockDevice source, ReadAhead.Plan plan, long end) {
        return builder.readAhead(source, plan, end);
    }

    /** Returns the earlier image whose leaves can be kept, if there is one. */
    public Optional<Base> base() {
        return base;
    }

    /** Tells whether blocks are cut here as those of the earlier image were. */
    public boolean cutsAsBase() throws IOException {
        ImageRoot other = base.orElseThrow().image.root();
        List<PartitionSummary> then =
                base.orElseThrow().image.file().properties(other).partitions();
        return builder.cutsAs(other, gridOf(then));
    }

    /**
     * Takes a leaf of the earlier image, which starts at the position, as it is.
     *
     * @return false if it has to be read, since a block that was begun goes on in it
     */
    public boolean keep(LeafPage leaf) throws IOException {
        checkNext(leaf.diskOffset(), leaf.end() - leaf.diskOffset());
        try {
            announce();
            return builder.keep(leaf);
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /**
     * Waits for a piece of the disk that is being read, and takes it.
     *
     * @throws io.platter.block.DeviceException if it can't be read; writing can go on with something else in its place
     */
    public void data(ReadAhead.Piece piece) throws IOException {
        checkNext(piece.extent().offset(), piece.extent().length());
        try {
            announce();
            builder.take(piece);
            taken((int) piece.extent().length());
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    private void taken(int count) throws IOException {
        dataSinceCheckpoint += count;
        if (pack.keepsCommits() && dataSinceCheckpoint >= builder.options().checkpointInterval()) {
            checkpoint();
        }
    }

    /** Takes a run without data: ZERO, UNUSED, or UNREADABLE with the system's error code as its detail. */
    public void run(long diskOffset, long length, ImageExtentKind kind, long detail) throws IOException {
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

    /** Tells whether the writing can be resumed from a checkpoint. */
    public boolean keepsCheckpoints() {
        return pack.keepsCommits();
    }

    /** Commits what was taken so far, up to the end of the last block. */
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
                fallback = lastCommit.get();
            }
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /** Commits the image, publishes the pack, and returns what was written. */
    public ImageInfo finish() throws IOException {
        checkOpen();
        if (disk.size() >= 0 && position() != disk.size()) {
            throw new IllegalStateException(
                    "the image ends at disk offset " + position() + ", but the disk has " + disk.size() + " bytes");
        }
        try (allotment) {
            announce();
            ImageProperties all = new ImageProperties(properties, partitions);
            ImageRoot root = builder.finish(all);
            closed = true;
            builder.close();
            pack.publish();
            return root.describe(all);
        } catch (InterruptedException e) {
            throw Threads.interrupted(e);
        }
    }

    /** Returns the file to which the image is written, by the name that it has meanwhile. */
    public Optional<Path> file() {
        return pack.file();
    }

    /** Returns the name that the file has when the image is finished, unless the image goes to a channel. */
    public Optional<Path> finishedFile() {
        return pack.finalName();
    }

    /** Returns what is committed, through the channel that writes it: opening the file again would end its lock. */
    public BlockDevice committed() throws IOException {
        return pack.bytes();
    }

    /** Returns how much went through, in bytes, for progress. */
    public Counters counters() {
        return builder.counters();
    }

    /** Ends the writing. Unless the image is finished, what came after the last checkpoint is dropped. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (allotment) {
            builder.close();
            pack.abandon(fallback);
        }
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
            throw new IllegalArgumentException("extent of " + length + " bytes at disk offset " + diskOffset
                    + ", the disk ends at " + disk.size());
        }
    }

    /**
     * Sets the properties that a description gives and that were not set yet.
     *
     * @param source what is captured, if it is known
     */
    public void describe(ImageDescription description, Optional<BlockDevice> source) {
        description.properties(source).forEach((key, value) -> {
            if (property(key).isEmpty()) {
                property(key, value);
            }
        });
    }
}
