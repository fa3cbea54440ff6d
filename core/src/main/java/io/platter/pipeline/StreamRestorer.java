package io.platter.pipeline;

import io.platter.CancellationToken;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.UnsupportedImageException;
import io.platter.format.BlockTable;
import io.platter.format.Commit;
import io.platter.format.FileHeader;
import io.platter.format.ImageRoot;
import io.platter.format.IndexPage;
import io.platter.format.InnerPage;
import io.platter.format.LeafPage;
import io.platter.format.Limits;
import io.platter.format.RecordHeader;
import io.platter.format.RecordReader.StoredRecord;
import io.platter.format.RecordType;
import io.platter.format.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Restores the first image of a stream in one pass. Frames bring their blocks' places, so that each block is written
 * when it passes; a leaf of the index brings the runs without data, and the blocks that stand at more than one place,
 * which are read back from the disk.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class StreamRestorer {
    /** Tells whoever waits that there is a disk to write to, when its size is known. */
    @FunctionalInterface
    public interface TargetOpener {
        /**
         * Opens the target.
         *
         * @param announced what the stream says ahead of the data; a disk size of 0 is not known
         */
        RestoreTarget open(ImageRoot announced) throws IOException;
    }

    private final RecordStream records;
    private final TargetOpener opener;
    private final InFlight<FrameDecoder> inFlight;
    private final ArrayBlockingQueue<ByteBuffer> buffers;
    private final BlockPlaces places = new BlockPlaces();
    private final Map<Sha256, InnerPage> innerPages = new HashMap<>();
    private final Map<Long, InnerPage.Child> leaves = new HashMap<>();
    private final List<Extent> unreadable = new ArrayList<>();
    private final AtomicLong bytesDone = new AtomicLong();
    private final byte[] hash = new byte[Sha256.LENGTH];
    private Optional<RestoreTarget> target = Optional.empty();
    private long covered;

    /** How many blocks the leaves expect where their frames said; the others are copies. */
    private int blocksInPlace;

    /** As the stream says it ahead, or the most there can be. */
    private long diskSize;

    /**
     * Creates the work on a stream.
     *
     * @param workers decode and write
     * @param threads how many workers there are
     */
    public StreamRestorer(RecordStream records, TargetOpener opener, Workers<FrameDecoder> workers, int threads) {
        int limit = 2 * threads + 2;
        this.records = records;
        this.opener = opener;
        this.inFlight = new InFlight<>(workers, limit);
        this.buffers = new ArrayBlockingQueue<>(limit + 2);
    }

    /** Returns how much of the disk is done, in bytes. */
    public long bytesDone() {
        return bytesDone.get();
    }

    /** Returns the runs that could not be read when the image was captured. */
    public List<Extent> unreadable() {
        return unreadable;
    }

    /**
     * Restores the image and returns its root. What was written last is not written yet.
     *
     * @param cancellation asks to stop
     * @param afterEach is called after each record
     */
    public ImageRoot run(CancellationToken cancellation, Runnable afterEach) throws IOException {
        ImageRoot[] root = new ImageRoot[1];
        inFlight.all(() -> root[0] = restore(cancellation, afterEach));
        return root[0];
    }

    private ImageRoot restore(CancellationToken cancellation, Runnable afterEach) throws IOException {
        boolean first = true;
        while (true) {
            if (cancellation.isCancelled() || Thread.currentThread().isInterrupted()) {
                throw new java.util.concurrent.CancellationException("cancelled");
            }
            RecordHeader header = nextHeader();
            if (first != header.is(RecordType.FILE)) {
                throw new CorruptImageException(
                        records.name(),
                        records.position(),
                        "record of type " + header.type()
                                + (first ? ", expected a file header" : ", expected anything but a file header"));
            }
            first = false;
            Optional<ImageRoot> root = take(header);
            if (root.isPresent()) {
                passCommit();
                return root.get();
            }
            afterEach.run();
        }
    }

    private RecordHeader nextHeader() throws IOException {
        return records.nextHeader()
                .orElseThrow(() -> new CorruptImageException(
                        records.name(), records.position(), "the stream ends before its first image does"));
    }

    /** Passes the commit that makes the image count. */
    private void passCommit() throws IOException {
        RecordHeader header = nextHeader();
        if (header.is(RecordType.PADDING) && header.recordLength() <= 2 * Limits.COMMIT_ALIGNMENT) {
            records.body(header, ByteBuffer.allocate(2 * Limits.COMMIT_ALIGNMENT));
            header = nextHeader();
        }
        if (!header.is(RecordType.COMMIT) || header.recordLength() != Commit.LENGTH) {
            throw new CorruptImageException(
                    records.name(), records.position(), "record of type " + header.type() + ", expected a commit");
        }
        records.body(header, ByteBuffer.allocate(Commit.LENGTH));
    }

    /** Takes one record; returns the root if it is that of the complete image. */
    private Optional<ImageRoot> take(RecordHeader header) throws IOException {
        if (header.is(RecordType.FRAME)) {
            takeFrame(header);
            return Optional.empty();
        }
        int most = header.is(RecordType.PROPERTIES) ? Limits.MAX_PROPERTIES : 2 * Limits.MAX_PAGE;
        if (header.recordLength() > RecordHeader.LENGTH + (long) most
                && header.type() < RecordType.FIRST_FOREIGN_CODE) {
            throw new CorruptImageException(
                    records.name(),
                    records.position(),
                    "record of type " + header.type() + " and " + header.recordLength() + " bytes, expected at most "
                            + most);
        }
        StoredRecord record =
                records.body(header, ByteBuffer.allocateDirect(header.tableLength() + header.payloadLength()));
        if (header.is(RecordType.FILE)) {
            FileHeader.decode(
                    ByteReader.of(record.table(), ByteOrder.LITTLE_ENDIAN, records.name(), 0), records.name());
        } else if (header.is(RecordType.PAGE)) {
            takePage(record);
        } else if (header.is(RecordType.IMAGE)) {
            return takeRoot(record);
        } else if (!RecordType.isKnown(header.type()) && header.type() < RecordType.FIRST_FOREIGN_CODE) {
            throw new UnsupportedImageException(records.name(), "records of type " + header.type());
        }
        return Optional.empty();
    }

    private RestoreTarget target() throws CorruptImageException {
        return target.orElseThrow(() ->
                new CorruptImageException(records.name(), records.position(), "data before the image was announced"));
    }

    private void takeFrame(RecordHeader header) throws IOException {
        RestoreTarget disk = target();
        ByteBuffer pooled = buffers.poll();
        int length = header.tableLength() + header.payloadLength();
        ByteBuffer buffer = pooled != null && pooled.capacity() >= length
                ? pooled
                : ByteBuffer.allocateDirect(pooled == null ? length : Math.max(length, 2 * pooled.capacity()));
        StoredRecord record = records.body(header, buffer);
        places.add(
                record.location(),
                BlockTable.decode(
                        record.table(),
                        header,
                        records.name(),
                        record.location().imageOffset()),
                records.name());
        inFlight.start(decoder -> {
            FrameDecoder.Decoded frame = decoder.decode(record);
            write(frame, decoder, disk);
            buffers.offer(buffer);
        });
    }

    /** Worker. Writes the blocks of a frame; neighbours go together. */
    private void write(FrameDecoder.Decoded frame, FrameDecoder decoder, RestoreTarget disk) throws IOException {
        BlockTable table = frame.table();
        int slot = 0;
        while (slot < table.count()) {
            int first = slot;
            int length = 0;
            while (slot < table.count() && table.diskOffset(slot) == table.diskOffset(first) + length) {
                decoder.checkBlock(frame, slot);
                length += table.length(slot);
                slot++;
            }
            checkInside(table.diskOffset(first), length, frame.record());
            disk.write(frame.plain().slice(table.plainOffset(first), length), table.diskOffset(first));
        }
    }

    private void checkInside(long diskOffset, long length, StoredRecord record) throws CorruptImageException {
        if (diskOffset > diskSize - length) {
            throw new CorruptImageException(
                    records.name(),
                    record.location().imageOffset(),
                    length + " bytes for disk offset " + diskOffset + ", but the disk has " + diskSize);
        }
    }

    private void takePage(StoredRecord record) throws IOException {
        IndexPage page = IndexPage.decode(
                record.decodedPayload(Limits.MAX_PAGE),
                records.name(),
                record.location().imageOffset());
        checkInside(page.diskOffset(), page.length(), record);
        if (page instanceof LeafPage leaf) {
            leaves.put(
                    leaf.diskOffset(),
                    new InnerPage.Child(leaf.diskOffset(), leaf.length(), leaf.hash(), record.location()));
            if (leaf.diskOffset() + leaf.length() > covered) {
                apply(leaf);
                covered = leaf.diskOffset() + leaf.length();
                bytesDone.set(covered);
            }
        } else if (page instanceof InnerPage inner) {
            innerPages.put(inner.hash(), inner);
        }
    }

    /** Does what the leaf says of the disk from where the leaf before ended: after a checkpoint a leaf comes again, longer. */
    private void apply(LeafPage leaf) throws IOException {
        boolean settled = false;
        for (int i = 0; i < leaf.extentCount(); i++) {
            Extent extent = leaf.extent(i);
            if (extent.end() <= covered) {
                continue;
            }
            if (extent.kind() != ExtentKind.DATA) {
                applyRun(extent.clip(covered, extent.end()));
                continue;
            }
            long position = extent.offset();
            for (int block = leaf.firstBlock(i); block < leaf.firstBlock(i + 1); block++) {
                long place = places.find(leaf.frame(leaf.frameNumber(block)), leaf.slot(block), records.name());
                if (place == position && position >= covered) {
                    blocksInPlace++;
                } else if (position >= covered) {
                    if (!settled) {
                        inFlight.all(() -> {});
                        settled = true;
                    }
                    copy(leaf, block, place, position);
                }
                position += leaf.blockLength(block);
            }
        }
    }

    private void applyRun(Extent run) throws IOException {
        if (run.kind() == ExtentKind.PARENT) {
            throw new UnsupportedImageException(records.name(), "the image's parent");
        }
        if (run.kind() == ExtentKind.UNREADABLE) {
            unreadable.add(run);
        }
        target().writeRun(run);
    }

    private void copy(LeafPage leaf, int block, long from, long to) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(leaf.blockLength(block));
        target().read(bytes, from);
        leaf.hash(block, hash, 0);
        Sha256 expected = Sha256.at(ByteBuffer.wrap(hash), 0);
        Sha256 found = Sha256.of(bytes.flip());
        if (!found.equals(expected)) {
            throw new CorruptImageException(
                    records.name(),
                    records.position(),
                    "the block for disk offset " + to + " has SHA-256 " + found + " at disk offset " + from
                            + ", expected " + expected);
        }
        target().write(bytes, to);
    }

    private Optional<ImageRoot> takeRoot(StoredRecord record) throws IOException {
        ImageRoot root = ImageRoot.decode(
                record.table(),
                record.payload(),
                records.name(),
                record.location().imageOffset());
        if (target.isEmpty()) {
            diskSize = root.partial() && root.diskSize() == 0 ? Long.MAX_VALUE : root.diskSize();
            target = Optional.of(opener.open(root));
        } else if (root.coveredLength() < covered) {
            throw new UnsupportedImageException(
                    records.name(),
                    "an unfinished image before the first complete one, which takes a file that can seek");
        }
        if (root.partial()) {
            return Optional.empty();
        }
        inFlight.all(() -> {});
        checkTree(new InnerPage.Child(0, root.diskSize(), root.rootHash(), root.rootPage()), Limits.MAX_LEVELS, record);
        if (covered != root.diskSize()) {
            throw new CorruptImageException(
                    records.name(),
                    record.location().imageOffset(),
                    "leaves up to disk offset " + covered + " have passed, expected " + root.diskSize());
        }
        if (blocksInPlace != places.blocks()) {
            throw new CorruptImageException(
                    records.name(),
                    record.location().imageOffset(),
                    places.blocks() + " blocks have passed, of which the index expects " + blocksInPlace
                            + " where they were written");
        }
        return Optional.of(root);
    }

    /** Checks that the pages that passed are those of the image. */
    private void checkTree(InnerPage.Child expected, int belowLevel, StoredRecord root) throws CorruptImageException {
        InnerPage inner = innerPages.get(expected.hash());
        if (inner == null) {
            checkLeaf(expected, root);
            return;
        }
        if (inner.level() >= belowLevel
                || inner.diskOffset() != expected.diskOffset()
                || inner.length() != expected.length()) {
            throw notPassed(expected, root);
        }
        for (InnerPage.Child child : inner.children()) {
            checkTree(child, inner.level(), root);
        }
    }

    private void checkLeaf(InnerPage.Child expected, StoredRecord root) throws CorruptImageException {
        InnerPage.Child found = leaves.get(expected.diskOffset());
        if (found == null || !found.hash().equals(expected.hash()) || found.length() != expected.length()) {
            throw notPassed(expected, root);
        }
    }

    private CorruptImageException notPassed(InnerPage.Child page, StoredRecord root) {
        return new CorruptImageException(
                records.name(),
                root.location().imageOffset(),
                "the page for " + page.length() + " bytes at disk offset " + page.diskOffset() + " with the hash "
                        + page.hash() + " has not passed");
    }
}
