package io.platter.engine.write;

import io.platter.block.BlockDevice;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.ImageFile;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageOptions;
import io.platter.image.ImageStatistics;
import io.platter.image.codec.Features;
import io.platter.image.codec.HashDomain;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds one image at the end of a file: the engine of an {@link ImageSession}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageBuilder implements AutoCloseable {
    private final Destination destination;
    private final DiskGeometry disk;
    private final ImageOptions options;
    private final CutRule cut;
    private final IndexWriter index;
    private final Counters counters;
    private final long start;
    private final JobControl control;
    private final SegmentPool pool;
    private final ImagePipeline pipeline;
    private int contentSectorSize;
    private Grid grid = Grid.WHOLE_DISK;
    private @Nullable SegmentFiller filler;

    private ImageBuilder(Store store, DiskGeometry disk, ImageOptions options, Optional<ImageRoot> partial, Crew crew)
            throws IOException {
        this.destination = store.destination();
        this.disk = disk;
        this.options = options;
        this.index = new IndexWriter(destination, store.frames(), store.pages());
        this.counters = new Counters(partial.map(ImageRoot::statistics).orElse(ImageStatistics.NONE));
        this.start = partial.map(ImageRoot::coveredLength).orElse(0L);
        this.cut = partial.map(root -> cutOf(root.cut())).orElse(options.cut());
        this.contentSectorSize =
                partial.map(root -> root.statement().contentSectorSize()).orElse(disk.logicalSectorSize());
        store.loader().load(index);
        this.control = crew.control();
        this.pool = new SegmentPool(ImagePipeline.segmentsFor(crew.threads()));
        this.pipeline = new ImagePipeline(
                destination, store.frames(), store.blocks(), index, counters, crew, options.frameSize());
    }

    private static CutRule cutOf(int code) {
        return code == 0 ? CutRule.byContent() : CutRule.fixed(code);
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

    /**
     * Where an image goes, and what is there already.
     *
     * @param destination takes its records
     * @param frames knows where frames are
     * @param blocks knows which blocks are there
     * @param pages knows which pages are there
     * @param loader fills these, once
     */
    public record Store(
            Destination destination, FrameDirectory frames, KnownBlocks blocks, KnownPages pages, Loader loader) {}

    /** Fills what is known of the place to which an image goes. */
    @FunctionalInterface
    interface Loader {
        /** Does it, before anything is written. */
        void load(IndexWriter index) throws IOException;
    }

    /** Starts an image in a store that looks up what it has when it is asked for it. */
    public static ImageBuilder create(
            Destination destination,
            FrameDirectory frames,
            KnownBlocks blocks,
            KnownPages pages,
            DiskGeometry disk,
            ImageOptions options,
            Crew crew)
            throws IOException {
        Store store = new Store(destination, frames, blocks, pages, index -> {});
        return new ImageBuilder(store, disk, options, Optional.empty(), crew);
    }

    /** Starts the first image of a new file. */
    public static ImageBuilder create(RecordOutput output, DiskGeometry disk, ImageOptions options, Crew crew)
            throws IOException {
        FileDestination file = new FileDestination(output, Optional.empty());
        return new ImageBuilder(
                FileContents.store(file, Optional.empty(), Optional.empty()), disk, options, Optional.empty(), crew);
    }

    /** Starts one more image of an existing file; a complete one that lacks its commit gets it. */
    static ImageBuilder append(
            RecordOutput output, ImageFile existing, DiskGeometry disk, ImageOptions options, Crew crew)
            throws IOException {
        FileDestination file = new FileDestination(output, Optional.of(existing));
        ImageBuilder builder = new ImageBuilder(
                FileContents.store(file, Optional.of(existing), Optional.empty()),
                disk,
                options,
                Optional.empty(),
                crew);
        Optional<RecordLocation> complete = existing.uncommittedImage();
        if (complete.isPresent()) {
            file.commit(existing.root(existing.imageCount()), complete.get());
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
        FileDestination file = new FileDestination(output, Optional.of(existing));
        ImageBuilder builder = new ImageBuilder(
                FileContents.store(file, Optional.of(existing), Optional.of(partial)),
                disk,
                options,
                Optional.of(partial),
                crew);
        Optional<RecordLocation> complete = existing.uncommittedImage();
        if (complete.isPresent()) {
            file.commitAsPartial(complete.get(), partial);
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

    /** Returns what reads the disk ahead, from the {@link #position()} to an end. */
    public ReadAhead readAhead(BlockDevice source, ReadAhead.Plan plan, long end) {
        return new ReadAhead(control, source, plan, pool, position(), end);
    }

    /** Tells whether blocks are cut by the same rule, and on the same grid, as those of another image. */
    boolean cutsAs(ImageRoot other, Grid otherGrid) {
        return cut.fixedSize() == other.cut() && grid.equals(otherGrid);
    }

    /**
     * Takes a leaf of an earlier image of the same place as it is, if a block can begin where it starts.
     *
     * @return whether that is so
     */
    public boolean keep(LeafPage leaf) throws IOException, InterruptedException {
        SegmentFiller before = filler();
        if (before.settledPosition() < before.position()) {
            return false;
        }
        before.pass(leaf.end() - leaf.diskOffset());
        pipeline.keep(leaf);
        return true;
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
            destination.commitPartial(root, durably);
            counters.written(destination.written());
            return root.coveredLength();
        });
    }

    /** Commits the complete image. */
    public ImageRoot finish(ImageProperties properties) throws IOException, InterruptedException {
        filler().endExtent();
        filler().flush();
        return pipeline.whenWritten(() -> {
            ImageRoot root = root(false, index.finish(), properties);
            destination.commit(root);
            counters.written(destination.written());
            return root;
        });
    }

    // writer thread only
    private ImageRoot root(boolean partial, InnerPage.Child top, ImageProperties properties) throws IOException {
        int number = destination.nextNumber();
        ByteBuffer plain = properties.encode();
        RecordLocation propertiesAt = destination.addProperties(plain);
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
                statement,
                destination.use(top.location()),
                propertiesAt,
                number,
                cut.fixedSize(),
                counters.statistics());
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
