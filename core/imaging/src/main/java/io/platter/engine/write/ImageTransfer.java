package io.platter.engine.write;

import io.platter.block.CorruptImageException;
import io.platter.engine.line.Counts;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.line.ReusedBuffer;
import io.platter.engine.pack.ImageTarget;
import io.platter.engine.pack.Pack;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.StoredImage;
import io.platter.image.FileId;
import io.platter.image.ImageInfo;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.InnerPage.Child;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.LeafPageBuilder;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import io.platter.job.CopyReport;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Copies an image to where another one of its blocks may be. Goes over its index in the order of the disk: a frame of which
 * the target lacks a block is copied as it is stored, with all its blocks; of a page only the table is made anew, since its map
 * names no place. So nothing is compressed, no block is hashed, and the image's id stays.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageTransfer implements AutoCloseable {
    /** How many bytes of direct memory a transfer takes: a frame, and two buffers of a file. */
    public static final long MEMORY = 2L * Limits.MAX_BODY + (4 << 20);

    private static final int MAX_RECORD = RecordHeader.LENGTH + Limits.MAX_BODY;

    /**
     * Where an image goes.
     *
     * @param destination takes its records
     * @param frames knows where frames are
     * @param blocks knows which blocks are there
     * @param pages knows which pages are there
     * @param pack is told how it ends
     */
    public record Target(
            Destination destination, FrameDirectory frames, KnownBlocks blocks, KnownPages pages, Pack pack) {
        /** Creates a file. Its image is not announced: frames may have blocks that are not the image's. */
        public static Target newFile(Path file, JobControl control) throws IOException {
            Pack pack = ImageTarget.create(file, false, control);
            try {
                RecordOutput output =
                        RecordOutput.create(pack.storage(), 1, new FileHeader(FileId.random(), Features.NONE));
                // So that what is left of a killed copy is seen to hold nothing.
                output.commit(false, Commit.Contents.NONE);
                return new Target(
                        new FileDestination(output, Optional.empty()),
                        new FrameDirectory(),
                        KnownBlocks.of(
                                new BlockIndex(new SecureRandom().longs(8).toArray())),
                        KnownPages.none(),
                        pack);
            } catch (IOException | RuntimeException | Error e) {
                FileSession.closeAfter(pack, e);
                throw e;
            }
        }
    }

    private record Report(ImageInfo image, long frames, long bytesRead, long bytesWritten, Duration elapsed)
            implements CopyReport {}

    private final ImageFile source;
    private final ImageRoot root;
    private final Destination destination;
    private final FrameDirectory frames;
    private final KnownBlocks blocks;
    private final KnownPages pages;
    private final Pack pack;
    private final ProgressMeter meter;
    private final LeafPageBuilder places;
    private final ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
    private final byte[] hash = new byte[Sha256.LENGTH];
    private final byte[] other = new byte[Sha256.LENGTH];
    private long position;
    private long framesCopied;
    private long bytesRead;
    private boolean ended;

    /** Creates a transfer; it is closed in any case. */
    public ImageTransfer(StoredImage image, Target target, JobControl control) {
        this.source = image.file();
        this.root = image.root();
        this.destination = target.destination;
        this.frames = target.frames;
        this.blocks = target.blocks;
        this.pages = target.pages;
        this.pack = target.pack;
        this.meter = new ProgressMeter(control);
        this.places = new LeafPageBuilder(0, destination.names());
    }

    /** Copies the image, once. It counts when this returns. */
    public CopyReport run() throws IOException {
        RecordLocation top;
        try {
            top = copy(source.rootPage(root));
        } catch (CorruptImageException e) {
            CorruptImageException named = new CorruptImageException(
                    e.resource(),
                    e.offset(),
                    "image " + root.id() + " can't be copied from disk offset " + position + " on: " + e.detail());
            named.initCause(e);
            throw named;
        }
        Optional<ByteBuffer> properties = source.plainProperties(root);
        RecordLocation propertiesAt =
                properties.isEmpty() ? RecordLocation.NONE : destination.addProperties(properties.get());
        ImageRoot copied = new ImageRoot(
                root.statement(), top, propertiesAt, destination.nextNumber(), root.cut(), root.statistics());
        destination.commit(copied);
        ended = true;
        pack.publish();
        meter.end(() -> counts(Phase.FINISH));
        ImageInfo info = copied.describe(source.properties(root));
        return new Report(info, framesCopied, bytesRead, destination.written(), meter.elapsed());
    }

    private RecordLocation copy(IndexPage page) throws IOException {
        return destination.use(page instanceof InnerPage inner ? copy(inner) : copy((LeafPage) page));
    }

    private RecordLocation copy(InnerPage page) throws IOException {
        List<Child> children = new ArrayList<>();
        for (Child child : page.children()) {
            RecordLocation location = copy(source.childPage(page, child));
            children.add(new Child(child.diskOffset(), child.length(), child.hash(), location));
        }
        RecordLocation known = pages.inner(page.level(), children, page.hash());
        return known != null
                ? known
                : add(
                        page,
                        InnerPage.encodeTable(children, destination.names()),
                        InnerPage.encodeMap(page.level(), children));
    }

    private RecordLocation add(IndexPage page, ByteBuffer table, ByteBuffer map) throws IOException {
        RecordLocation location = destination.addPage(table, map, page.hash());
        pages.add(page.hash(), location);
        return location;
    }

    private RecordLocation copy(LeafPage page) throws IOException {
        position = page.diskOffset();
        RecordLocation known = pages.leaf(page.diskOffset(), page.hash());
        if (known != null) {
            tick();
            return known;
        }
        places.reset(page.diskOffset());
        for (int block = 0; block < page.blockCount(); block++) {
            tick();
            position = page.blockOffset(block);
            page.hash(block, hash, 0);
            long place = blocks.find(position, hash, 0, page.blockLength(block));
            if (place == BlockIndex.NONE) {
                place = copyFrame(page, block);
            }
            if (!places.hasRoomForPlace()) {
                throw new IOException("the page of image " + root.id() + " for disk offset " + page.diskOffset()
                        + " can't be copied: its blocks are in more frames there than a page has room to name");
            }
            places.addPlace(FrameDirectory.frameOf(place), FrameDirectory.slotOf(place));
        }
        tick();
        return add(page, places.encodeTable(number -> destination.use(frames.location(number))), page.map());
    }

    /** Copies the frame in which a block is, and returns the block's place. */
    private long copyFrame(LeafPage page, int block) throws IOException {
        RecordLocation from = page.frame(page.frameNumber(block));
        if (from.length() > MAX_RECORD) {
            throw new CorruptImageException(
                    source.records().resource(from),
                    from.packOffset(),
                    "frame of " + from.length() + " bytes, expected at most " + MAX_RECORD);
        }
        ByteBuffer bytes = buffer.forLength(from.length());
        StoredRecord record = source.records().read(from, RecordType.FRAME, bytes);
        BlockTable table = BlockTable.decode(record);
        if (!table.holds(page.slot(block), page.blockLength(block), hash, 0)) {
            throw record.corrupt("slot " + page.slot(block) + " does not hold the block that the index expects: "
                    + page.blockLength(block) + " bytes with SHA-256 " + Sha256.at(ByteBuffer.wrap(hash), 0));
        }
        ByteBuffer whole = bytes.slice(0, from.length()).order(ByteOrder.LITTLE_ENDIAN);
        long frame = frames.add(destination.addFrame(whole, table.count(), record.table()));
        for (int slot = 0; slot < table.count(); slot++) {
            table.hash(slot, other, 0);
            blocks.addUnlessKnown(other, 0, FrameDirectory.place(frame, slot));
        }
        framesCopied++;
        bytesRead += from.length();
        return FrameDirectory.place(frame, page.slot(block));
    }

    private void tick() {
        meter.tick(() -> counts(Phase.COPY));
    }

    private Counts counts(Phase phase) {
        long done = phase == Phase.FINISH ? root.coveredLength() : position;
        return Counts.of(phase, done, OptionalLong.of(root.coveredLength()), bytesRead, destination.written());
    }

    /** Ends the transfer; an image that was not copied whole does not count. */
    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            pack.close();
        }
    }
}
