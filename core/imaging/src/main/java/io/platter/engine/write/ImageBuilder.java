package io.platter.engine.write;

import io.platter.block.BlockDevice;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.ImageFile;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageOptions;
import io.platter.image.ImageStatistics;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.Features;
import io.platter.image.codec.HashDomain;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds one image at the end of a file: the engine of an {@link ImageSession}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageBuilder implements AutoCloseable {
    private final RecordOutput output;
    private final DiskGeometry disk;
    private final ImageOptions options;
    private final CutRule cut;
    private final FrameDirectory frames = new FrameDirectory();
    private final BlockIndex blocks = new BlockIndex(new SecureRandom().longs(8).toArray());
    private final CatalogWriter catalog;
    private final DirectoryWriter directory;
    private final IndexWriter index;
    private final Counters counters;
    private final long start;
    private final JobControl control;
    private final SegmentPool pool;
    private final ImagePipeline pipeline;
    private int contentSectorSize;
    private Grid grid = Grid.WHOLE_DISK;
    private @Nullable SegmentFiller filler;

    private ImageBuilder(
            RecordOutput output,
            DiskGeometry disk,
            ImageOptions options,
            Optional<ImageFile> existing,
            Optional<ImageRoot> partial,
            Crew crew)
            throws IOException {
        this.output = output;
        this.disk = disk;
        this.options = options;
        this.catalog = new CatalogWriter(output, output.lastCommit().contents().catalog());
        this.index = new IndexWriter(output, catalog, frames);
        this.counters = new Counters(partial.map(ImageRoot::statistics).orElse(ImageStatistics.NONE));
        this.start = partial.map(ImageRoot::coveredLength).orElse(0L);
        this.cut = partial.map(root -> cutOf(root.cut())).orElse(options.cut());
        this.contentSectorSize =
                partial.map(root -> root.statement().contentSectorSize()).orElse(disk.logicalSectorSize());
        this.directory =
                existing.isPresent() ? DirectoryWriter.of(output, existing.get()) : new DirectoryWriter(output);
        if (existing.isPresent()) {
            load(existing.get(), partial);
        }
        this.control = crew.control();
        this.pool = new SegmentPool(ImagePipeline.segmentsFor(crew.threads()));
        this.pipeline = new ImagePipeline(output, catalog, frames, blocks, index, counters, crew, options.frameSize());
    }

    private static CutRule cutOf(int code) {
        return code == 0 ? CutRule.byContent() : CutRule.fixed(code);
    }

    private void load(ImageFile existing, Optional<ImageRoot> partial) throws IOException {
        ImageFileLoader loader = new ImageFileLoader(existing, frames, blocks, index);
        CatalogLoader list = new CatalogLoader(existing, frames, blocks, index);
        if (existing.uncommittedImage().isEmpty() && list.load()) {
            catalog.listed(list.listed());
        } else {
            catalog.giveUp();
            for (int number = 1; number <= existing.imageCount(); number++) {
                loader.load(existing.root(number));
            }
            Optional<ImageRoot> unfinished = existing.partialRoot();
            if (unfinished.isPresent()) {
                loader.load(unfinished.get());
            }
        }
        if (partial.isPresent()) {
            loader.resume(partial.get());
        }
        frames.loaded();
    }

    /**
     * Who does the work.
     *
     * <p>Immutable.
     *
     * @param control makes the threads
     * @param threads how many workers there are
     * @param tools gives the workers' tools
     */
    public record Crew(JobControl control, int threads, Supplier<Worker> tools) {
        /** Returns workers with the tools that an image's options need. */
        public static Crew of(JobControl control, int threads, ImageOptions options) {
            return new Crew(control, threads, () -> new Worker(options.level()));
        }
    }

    /** Returns how many bytes of direct memory the line of an image takes, but for its index of blocks. */
    public static long memory(ImageOptions options, int threads) {
        return SegmentPool.memory(ImagePipeline.segmentsFor(threads))
                + ImagePipeline.memory(threads, options.frameSize());
    }

    /** Starts the first image of a new file. */
    public static ImageBuilder create(RecordOutput output, DiskGeometry disk, ImageOptions options, Crew crew)
            throws IOException {
        return new ImageBuilder(output, disk, options, Optional.empty(), Optional.empty(), crew);
    }

    /** Starts one more image of an existing file; a complete one that lacks its commit gets it. */
    static ImageBuilder append(
            RecordOutput output, ImageFile existing, DiskGeometry disk, ImageOptions options, Crew crew)
            throws IOException {
        ImageBuilder builder = new ImageBuilder(output, disk, options, Optional.of(existing), Optional.empty(), crew);
        Optional<RecordLocation> complete = existing.uncommittedImage();
        if (complete.isPresent()) {
            builder.commitImage(existing.root(existing.imageCount()), complete.get());
        }
        return builder;
    }

    /** Resumes the partial image of an existing file. */
    static ImageBuilder resume(
            RecordOutput output,
            ImageFile existing,
            ImageRoot partial,
            DiskGeometry disk,
            ImageOptions options,
            Crew crew)
            throws IOException {
        ImageBuilder builder =
                new ImageBuilder(output, disk, options, Optional.of(existing), Optional.of(partial), crew);
        Optional<RecordLocation> complete = existing.uncommittedImage();
        if (complete.isPresent()) {
            // All of it is there: a checkpoint in place of its root says so, before anything else is written.
            output.replace(complete.get());
            builder.commitPartial(partial.asPartial(), true);
        }
        return builder;
    }

    /** Sets in which sectors the disk's content counts, in bytes. */
    public void contentSectorSize(int bytes) {
        contentSectorSize = bytes;
    }

    /** Sets the grid on which blocks are cut, before the first byte. */
    public void grid(Grid newGrid) {
        if (filler != null) {
            throw new IllegalStateException("the grid is set before the first byte");
        }
        grid = newGrid;
    }

    /** Returns the grid on which blocks are cut. */
    public Grid grid() {
        return grid;
    }

    private SegmentFiller filler() throws InterruptedException {
        if (filler == null) {
            filler = new SegmentFiller(pool, pipeline::submit, cut, grid.origins(), start);
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
        return new ReadAhead(control, source, plan, pool, position());
    }

    /** Waits for a piece that is being read, and takes it. */
    public void take(ReadAhead.Piece piece) throws IOException, InterruptedException {
        filler().take(piece.segment(), (int) piece.extent().length());
    }

    /** Takes a run without data. */
    public void run(ImageExtentKind kind, long length, long detail) throws IOException, InterruptedException {
        filler().run(kind, length, detail);
    }

    /**
     * Commits all blocks that have an end, as an image that can be resumed.
     *
     * @param durably whether to wait until all is on the medium
     * @return how much of the disk the commit covers, in bytes
     */
    public long checkpoint(ImageProperties properties, boolean durably) throws IOException, InterruptedException {
        filler().flush();
        return pipeline.whenWritten(() -> {
            ImageRoot root = root(true, index.finishForNow(), properties);
            commitPartial(root, durably);
            counters.written(output.position());
            return root.coveredLength();
        });
    }

    /** Commits the complete image. */
    public ImageRoot finish(ImageProperties properties) throws IOException, InterruptedException {
        filler().endExtent();
        filler().flush();
        return pipeline.whenWritten(() -> {
            ImageRoot root = root(false, index.finish(), properties);
            commitImage(root, output.append(root.encode()));
            counters.written(output.position());
            return root;
        });
    }

    private void commitPartial(ImageRoot root, boolean durably) throws IOException {
        RecordLocation location = output.append(root.encode());
        output.commit(durably, contents(location, root.id()));
    }

    private void commitImage(ImageRoot root, RecordLocation location) throws IOException {
        directory.add(new DirectoryPage.Entry(root.id(), location));
        output.commit(true, contents(RecordLocation.NONE, Sha256.NONE));
    }

    private Commit.Contents contents(RecordLocation partialImage, Sha256 partialId) throws IOException {
        return new Commit.Contents(
                directory.imageCount(),
                directory.top().location(),
                directory.top().hash(),
                partialImage,
                partialId,
                catalog.flush(),
                directory.lastImage().location(),
                directory.lastImage().hash());
    }

    // writer thread only
    private ImageRoot root(boolean partial, InnerPage.Child top, ImageProperties properties) throws IOException {
        int images = output.lastCommit().contents().imageCount();
        if (images == Limits.MAX_IMAGES) {
            throw new IllegalStateException("the file has " + Limits.MAX_IMAGES + " images, the most that fit");
        }
        ByteBuffer plain = properties.encode();
        RecordLocation propertiesAt = output.append(RecordType.PROPERTIES, ByteBuffer.allocate(0), plain);
        long covered = index.position();
        ImageRoot.Statement statement = new ImageRoot.Statement(
                partial,
                partial ? Math.max(disk.size(), 0) : covered,
                covered,
                disk.logicalSectorSize(),
                disk.physicalSectorSize(),
                contentSectorSize,
                top.hash(),
                HashDomain.PROPERTIES.hash(plain),
                Features.NONE);
        return new ImageRoot(
                statement, top.location(), propertiesAt, images + 1, cut.fixedSize(), counters.statistics());
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
