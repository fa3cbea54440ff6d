package io.platter.pipeline;

import io.platter.CutRule;
import io.platter.DiskGeometry;
import io.platter.ImageOptions;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.format.Commit;
import io.platter.format.Features;
import io.platter.format.ImageProperties;
import io.platter.format.ImageRoot;
import io.platter.format.InnerPage;
import io.platter.format.Limits;
import io.platter.format.RecordLocation;
import io.platter.format.RecordType;
import io.platter.format.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds one image at the end of a file: the engine behind the writer of the API.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageBuilder implements AutoCloseable {
    /**
     * The grid's origins are at least so far apart: less than the 63 sectors before the first partition of an old disk,
     * and enough for a segment's items.
     */
    private static final long MIN_ORIGIN_DISTANCE = 16 << 10;

    private final RecordOutput output;
    private final DiskGeometry disk;
    private final ImageOptions options;
    private final CutRule cut;
    private final FrameDirectory frames = new FrameDirectory();
    private final BlockIndex blocks = new BlockIndex(new SecureRandom().longs(8).toArray());
    private final IndexWriter index;
    private final Counters counters;
    private final long start;
    private final SegmentPool pool;
    private final ImagePipeline pipeline;
    private long[] origins = {0};
    private @Nullable SegmentFiller filler;

    private ImageBuilder(
            RecordOutput output,
            DiskGeometry disk,
            ImageOptions options,
            Optional<ImageFile> existing,
            Optional<ImageRoot> partial,
            Supplier<Worker> tools)
            throws IOException {
        this.output = output;
        this.disk = disk;
        this.options = options;
        this.index = new IndexWriter(output, frames);
        this.counters = new Counters(partial.map(ImageRoot::statistics).orElse(ImageRoot.Statistics.NONE));
        this.start = partial.map(ImageRoot::coveredLength).orElse(0L);
        this.cut = partial.map(root -> cutOf(root.cut())).orElse(options.cut());
        if (existing.isPresent()) {
            load(existing.get(), partial);
        }
        this.pool = new SegmentPool(ImagePipeline.segmentsFor(options.threads()));
        this.pipeline = new ImagePipeline(
                output, frames, blocks, index, counters, options.threads(), tools, options.frameSize());
    }

    private static CutRule cutOf(int code) {
        return code == 0 ? CutRule.byContent() : CutRule.fixed(code);
    }

    private void load(ImageFile existing, Optional<ImageRoot> partial) throws IOException {
        ImageFileLoader loader = new ImageFileLoader(existing, frames, blocks, index);
        for (ImageRoot root : existing.roots()) {
            loader.load(root);
        }
        Optional<ImageRoot> unfinished = existing.partialRoot();
        if (unfinished.isPresent()) {
            loader.load(unfinished.get());
        }
        if (partial.isPresent()) {
            loader.resume(partial.get());
        }
        frames.loaded();
    }

    /** Starts the first image of a new file. */
    public static ImageBuilder create(RecordOutput output, DiskGeometry disk, ImageOptions options) throws IOException {
        return create(output, disk, options, () -> new Worker(options.level()));
    }

    /** Starts the first image of a new file, with workers of the caller's. */
    static ImageBuilder create(RecordOutput output, DiskGeometry disk, ImageOptions options, Supplier<Worker> tools)
            throws IOException {
        return new ImageBuilder(output, disk, options, Optional.empty(), Optional.empty(), tools);
    }

    /** Starts one more image of an existing file; a complete one that lacks its commit gets it. */
    public static ImageBuilder append(RecordOutput output, ImageFile existing, DiskGeometry disk, ImageOptions options)
            throws IOException {
        Optional<RecordLocation> complete = existing.uncommittedImage();
        if (complete.isPresent()) {
            output.commit(
                    true,
                    complete.get(),
                    RecordLocation.NONE,
                    output.lastCommit().imageCount() + 1);
        }
        return new ImageBuilder(
                output, disk, options, Optional.of(existing), Optional.empty(), () -> new Worker(options.level()));
    }

    /** Goes on with the partial image of an existing file. */
    public static ImageBuilder resume(
            RecordOutput output, ImageFile existing, ImageRoot partial, DiskGeometry disk, ImageOptions options)
            throws IOException {
        Optional<RecordLocation> complete = existing.uncommittedImage();
        if (complete.isPresent()) {
            // All of it is there: a checkpoint in place of its root says so, before anything else is written.
            Commit last = output.lastCommit();
            output.replace(complete.get());
            output.commit(
                    true, last.lastImage(), output.append(partial.asPartial().encode()), last.imageCount());
        }
        return new ImageBuilder(
                output,
                disk,
                options,
                Optional.of(existing.committed()),
                Optional.of(partial),
                () -> new Worker(options.level()));
    }

    /** Sets where the grid starts anew, before the first byte: where partitions start. */
    public void origins(long[] ascending) {
        if (filler != null) {
            throw new IllegalStateException("the grid's origins are set before the first byte");
        }
        long[] result = new long[ascending.length + 1];
        int count = 1;
        for (long origin : ascending) {
            if (origin >= result[count - 1] + MIN_ORIGIN_DISTANCE) {
                result[count++] = origin;
            }
        }
        origins = Arrays.copyOf(result, count);
    }

    private SegmentFiller filler() throws InterruptedException {
        if (filler == null) {
            filler = new SegmentFiller(pool, pipeline::submit, cut, origins, start);
        }
        return filler;
    }

    /** Tells whether the first byte was taken. */
    public boolean isStarted() {
        return filler != null;
    }

    /** Returns the disk offset of the next byte. */
    public long position() {
        return filler == null ? start : filler.position();
    }

    /** Returns the counters. */
    public Counters counters() {
        return counters;
    }

    /** Returns room for the disk's next bytes. */
    public ByteBuffer room() throws InterruptedException {
        return filler().room();
    }

    /** Takes bytes that were put into the {@link #room()}. */
    public void filled(int count) throws IOException, InterruptedException {
        filler().filled(count);
    }

    /** Returns what reads the disk ahead, from the {@link #position()} on. */
    public ReadAhead readAhead(BlockDevice source, ReadAhead.Plan plan) {
        return new ReadAhead(source, plan, pool, position());
    }

    /** Waits for the piece that is being read, and takes it. */
    public void take(ReadAhead ahead, int count) throws IOException, InterruptedException {
        filler().take(ahead.segment(), count);
    }

    /** Takes a run without data. */
    public void run(ExtentKind kind, long length, long detail) throws IOException, InterruptedException {
        filler().run(kind, length, detail);
    }

    /**
     * Commits all blocks that have an end, as an image that can be gone on with.
     *
     * @param durably whether to wait until all is on the medium
     * @return how much of the disk the commit covers, in bytes
     */
    public long checkpoint(ImageProperties properties, boolean durably) throws IOException, InterruptedException {
        filler().flush();
        return pipeline.whenWritten(() -> {
            Commit last = output.lastCommit();
            ImageRoot root = root(true, index.finishForNow(), properties);
            RecordLocation location = output.append(root.encode());
            output.commit(durably, last.lastImage(), location, last.imageCount());
            counters.written(output.position());
            return root.coveredLength();
        });
    }

    /** Returns the last cell boundary of the grid that is not behind {@code diskOffset}. */
    public long cellFloor(long diskOffset) {
        int found = Arrays.binarySearch(origins, diskOffset);
        long origin = origins[found >= 0 ? found : -found - 2];
        return diskOffset - (diskOffset - origin) % Limits.CLUSTER;
    }

    /** Commits the complete image. */
    public ImageRoot finish(ImageProperties properties) throws IOException, InterruptedException {
        filler().endExtent();
        filler().flush();
        return pipeline.whenWritten(() -> {
            Commit last = output.lastCommit();
            ImageRoot root = root(false, index.finish(), properties);
            output.commit(true, output.append(root.encode()), RecordLocation.NONE, last.imageCount() + 1);
            counters.written(output.position());
            return root;
        });
    }

    // writer thread only
    private ImageRoot root(boolean partial, InnerPage.Child top, ImageProperties properties) throws IOException {
        Commit last = output.lastCommit();
        if (last.imageCount() == Limits.MAX_IMAGES) {
            throw new IllegalStateException("the file has " + Limits.MAX_IMAGES + " images, the most that fit");
        }
        ByteBuffer plain = properties.encode();
        RecordLocation propertiesAt = output.append(RecordType.PROPERTIES, plain);
        long covered = index.position();
        return new ImageRoot(
                last.imageCount() + 1,
                partial,
                partial ? Math.max(disk.size(), 0) : covered,
                covered,
                disk.logicalSectorSize(),
                disk.physicalSectorSize(),
                last.lastImage(),
                top.location(),
                top.hash(),
                propertiesAt,
                Sha256.of(plain),
                cut.fixedSize(),
                counters.statistics(),
                Features.NONE);
    }

    /** Ends the threads; what was not committed does not count. */
    @Override
    public void close() {
        if (filler != null) {
            filler.close();
        }
        pipeline.close();
    }

    /** Tells whether the pipeline holds none of its segments any more. */
    boolean allSegmentsAreBack() {
        return pool.isWhole();
    }

    /** Returns the options. */
    public ImageOptions options() {
        return options;
    }
}
