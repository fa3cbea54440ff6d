package io.platter.engine.restore;

import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import io.platter.block.UnreadableRange;
import io.platter.block.UnsupportedImageException;
import io.platter.engine.check.OnePass;
import io.platter.engine.check.RecordCheck;
import io.platter.engine.check.RecordStream;
import io.platter.engine.line.BufferPool;
import io.platter.engine.line.InFlight;
import io.platter.engine.line.Workers;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.UnreadableRanges;
import io.platter.image.FileEnd;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.HashDomain;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
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

    /**
     * What followed the image that was restored.
     *
     * @param moreImages whether there were other complete images
     * @param end how the stream ended
     */
    public record Rest(boolean moreImages, FileEnd end) {}

    private final RecordStream records;
    private final TargetOpener opener;
    private final InFlight<FrameDecoder> inFlight;
    private final BufferPool buffers;
    private final RecordCheck check;
    private final UnreadableRanges unreadable = new UnreadableRanges();
    private final AtomicLong bytesDone = new AtomicLong();
    private Optional<RestoreTarget> target = Optional.empty();

    /**
     * Creates the work on a stream.
     *
     * @param workers decode and write
     * @param threads how many workers there are
     */
    public StreamRestorer(RecordStream records, TargetOpener opener, Workers<FrameDecoder> workers, int threads) {
        int limit = limit(threads);
        this.records = records;
        this.opener = opener;
        this.inFlight = new InFlight<>(workers, limit);
        this.buffers = new BufferPool(limit + 2);
        this.check = new RecordCheck(records.name(), new TargetDisk());
    }

    private static int limit(int threads) {
        return 2 * threads + 2;
    }

    /** Returns how many bytes of direct memory the work takes at most. */
    public static long memory(int threads) {
        return (limit(threads) + 2L) * Limits.MAX_BODY + (long) threads * Limits.MAX_FRAME;
    }

    /** Returns how much of the disk is done, in bytes. */
    public long bytesDone() {
        return bytesDone.get();
    }

    /** Returns the runs that could not be read when the image was captured. */
    public List<UnreadableRange> unreadable() {
        return unreadable.list();
    }

    /**
     * Restores the image and returns its root, when the commit has passed that makes it count. What was written last is
     * not written yet.
     *
     * @param beforeEach is called before each record; what it throws ends the restore
     */
    public ImageRoot run(Runnable beforeEach) throws IOException {
        ImageRoot[] root = new ImageRoot[1];
        inFlight.all(() -> root[0] = restore(beforeEach));
        return root[0];
    }

    private ImageRoot restore(Runnable beforeEach) throws IOException {
        while (true) {
            beforeEach.run();
            RecordHeader header = nextHeader();
            if (check.firstImage().isPresent() && !leadsToCommit(header)) {
                throw new CorruptImageException(
                        records.name(), records.position(), "record of type " + header.type() + ", expected a commit");
            }
            if (header.is(RecordType.FRAME)) {
                takeFrame(header);
            } else {
                check.record(records.body(header, ByteBuffer.allocate(header.bodyLength())));
            }
            checkOnePass();
            if (check.firstImage().isPresent() && check.isCommitted()) {
                return check.firstImage().get();
            }
        }
    }

    private static boolean leadsToCommit(RecordHeader header) {
        return header.ancillary()
                || header.is(RecordType.DIRECTORY)
                || header.is(RecordType.PADDING)
                || header.is(RecordType.COMMIT);
    }

    private void checkOnePass() throws UnsupportedImageException {
        if (check.needsSeeking()) {
            throw new UnsupportedImageException(
                    records.name(),
                    "a file that can seek: its first image was not announced, or an unfinished one before it given up");
        }
    }

    private RecordHeader nextHeader() throws IOException {
        RecordHeader header = records.nextHeader()
                .orElseThrow(() -> new CorruptImageException(
                        records.name(), records.position(), "the stream ends before its first image does"));
        check.header(records.position(), header);
        return header;
    }

    /**
     * Reads the stream to its end, so that its writer does not fail, and tells what else was there. The image is
     * restored by then: damage is reported, not thrown.
     */
    public Rest rest() throws IOException {
        FileEnd.State state = FileEnd.State.CLEAN;
        long committed = records.position();
        String detail = "the stream ends with a commit";
        try {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
            for (Optional<RecordHeader> next = records.nextHeader(); next.isPresent(); next = records.nextHeader()) {
                RecordHeader header = next.get();
                check.header(records.position(), header);
                int length = header.bodyLength();
                buffer = buffer.capacity() >= length ? buffer : ByteBuffer.allocateDirect(2 * length);
                check.record(records.body(header, buffer));
                committed = check.isCommitted() && header.is(RecordType.COMMIT) ? records.position() : committed;
            }
        } catch (ImageFormatException e) {
            state = records.isCutOff() ? FileEnd.State.TORN : FileEnd.State.DAMAGED;
            detail = String.valueOf(e.getMessage());
        }
        long at = records.position();
        records.skipToEnd();
        if (state == FileEnd.State.CLEAN && committed < at) {
            state = FileEnd.State.TORN;
            detail = "the stream ends with " + (at - committed) + " bytes that no commit follows";
        }
        return new Rest(check.images() > 1, new FileEnd(state, at, records.bytesRead() - committed, detail));
    }

    private RestoreTarget target() {
        return target.orElseThrow();
    }

    private void takeFrame(RecordHeader header) throws IOException {
        ByteBuffer buffer = buffers.take(header.bodyLength());
        StoredRecord record = records.body(header, buffer);
        check.record(record);
        checkOnePass();
        RestoreTarget disk = target();
        inFlight.start(decoder -> {
            FrameDecoder.Decoded frame = decoder.decode(record);
            write(frame, decoder, disk);
            buffers.giveBack(buffer);
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
            disk.write(frame.plain().slice(table.plainOffset(first), length), table.diskOffset(first));
        }
    }

    /** Does to the target what the records say. */
    private final class TargetDisk implements OnePass.Disk {
        private final byte[] hash = new byte[Sha256.LENGTH];

        /** Whether all frames that have passed are written, so that they can be read back. */
        private boolean settled;

        @Override
        public void announce(ImageRoot root) throws IOException {
            target = Optional.of(opener.open(root));
        }

        @Override
        public void run(ImageExtent run) throws IOException {
            if (run.kind() == ImageExtentKind.UNREADABLE) {
                unreadable.add(run);
            }
            target().writeRun(run);
        }

        @Override
        public void copy(LeafPage leaf, int block, long from, long to) throws IOException {
            if (!settled) {
                inFlight.all(() -> {});
                settled = true;
            }
            ByteBuffer bytes = ByteBuffer.allocateDirect(leaf.blockLength(block));
            target().read(bytes, from);
            leaf.hash(block, hash, 0);
            Sha256 expected = Sha256.at(ByteBuffer.wrap(hash), 0);
            Sha256 found = HashDomain.BLOCK.hash(bytes.flip());
            if (!found.equals(expected)) {
                throw new CorruptImageException(
                        records.name(),
                        records.position(),
                        "the block for disk offset " + to + " has SHA-256 " + found + " at disk offset " + from
                                + ", expected " + expected);
            }
            target().write(bytes, to);
        }

        @Override
        public void covered(long diskOffset) {
            settled = false;
            bytesDone.set(diskOffset);
        }
    }
}
