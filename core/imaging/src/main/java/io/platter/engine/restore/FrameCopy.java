package io.platter.engine.restore;

import io.platter.block.UnreadableRange;
import io.platter.engine.line.Counts;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.FramePlan;
import io.platter.engine.read.FrameScatter;
import io.platter.engine.read.Leaves;
import io.platter.engine.read.StoredImage;
import io.platter.engine.read.UnreadableRanges;
import io.platter.image.ImageExtent;
import io.platter.image.Limits;
import io.platter.image.codec.LeafPage;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies an image to where it may be written in any order: each frame is read, decoded and checked once, and each of its
 * blocks goes to all of its places.
 *
 * <p>Not thread-safe: one thread, once.
 */
public final class FrameCopy {
    /** Where the disk goes. */
    public interface Sink {
        /** Tells whether anything is still wanted. */
        boolean isWanted();

        /** Tells whether a block that goes to a place is wanted. */
        boolean wants(long diskOffset, int length);

        /** Takes a run without bytes, on the calling thread. */
        void run(ImageExtent run) throws IOException;

        /** Takes all bytes from position to limit, on any thread of several. */
        void write(ByteBuffer bytes, long diskOffset) throws IOException;
    }

    private final StoredImage image;
    private final Sink sink;
    private final JobControl control;
    private final FramePlan frames = new FramePlan();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final UnreadableRanges unreadable = new UnreadableRanges();
    private long zero;
    private long unused;

    /** Creates a copy. */
    public FrameCopy(StoredImage image, Sink sink, JobControl control) {
        this.image = image;
        this.sink = sink;
        this.control = control;
    }

    /** Returns how many bytes of direct memory a copy takes at most: a frame for each item on its line, and each worker's own. */
    public static long memory(int threads) {
        return (2L * threads + 2L * takers(threads) + threads) * Limits.MAX_FRAME + (4 << 20);
    }

    private static int takers(int threads) {
        return 1 + threads / 2;
    }

    /**
     * Copies all that is wanted.
     *
     * @param tick is called now and then, on the calling thread, to tell how far it is
     */
    public void run(int threads, Runnable tick) throws IOException {
        try (OrderedLine<FrameDecoder, FrameScatter> line = new OrderedLine<>(
                control,
                "restore",
                threads,
                takers(threads),
                FrameDecoder::forWriting,
                () -> new FrameScatter(image.file().records(), frames))) {
            Leaves leaves = image.leaves();
            for (Optional<LeafPage> leaf = leaves.next(); leaf.isPresent() && sink.isWanted(); leaf = leaves.next()) {
                control.cancellation().throwIfCancelled();
                take(leaf.get());
                if (frames.isFull()) {
                    scatter(line, tick);
                }
            }
            scatter(line, tick);
        }
    }

    private void take(LeafPage leaf) throws IOException {
        for (int i = 0; i < leaf.extentCount(); i++) {
            ImageExtent extent = leaf.extent(i);
            switch (extent.kind()) {
                case DATA -> {
                    takeBlocks(leaf, i);
                    continue;
                }
                case ZERO, FILL -> zero += extent.length();
                case UNUSED -> unused += extent.length();
                case UNREADABLE -> unreadable.add(extent);
            }
            sink.run(extent);
            bytesDone.addAndGet(extent.length());
        }
    }

    private void takeBlocks(LeafPage leaf, int extent) {
        for (int block = leaf.firstBlock(extent); block < leaf.firstBlock(extent + 1); block++) {
            long position = leaf.blockOffset(block);
            int length = leaf.blockLength(block);
            if (sink.wants(position, length)) {
                frames.add(leaf, block, position);
            } else {
                bytesDone.addAndGet(length);
            }
        }
    }

    private void scatter(OrderedLine<FrameDecoder, FrameScatter> line, Runnable tick) throws IOException {
        frames.group();
        line.run(
                frame -> {
                    tick.run();
                    return sink.isWanted() && frames.next(frame);
                },
                (decoder, frame) -> {
                    frame.read(decoder);
                    bytesRead.addAndGet(frame.recordLength());
                },
                frame -> bytesDone.addAndGet(frame.giveTo(sink::write)));
        frames.clear();
    }

    /** Returns how many bytes of the image's records were read. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /** Returns how many bytes of the disk are done. */
    public long bytesDone() {
        return bytesDone.get();
    }

    /** Returns how many bytes of the disk are zeros or another pattern. */
    public long zeroBytes() {
        return zero;
    }

    /** Returns how many bytes of the disk were unused. */
    public long unusedBytes() {
        return unused;
    }

    /** Returns the runs that could not be read when the image was captured. */
    public List<UnreadableRange> unreadable() {
        return unreadable.list();
    }

    /** Returns how many bytes of the disk could not be read when the image was captured. */
    public long unreadableBytes() {
        return unreadable.bytes();
    }

    /** Returns how far the copy is. */
    public Counts counts(Phase phase, long written) {
        return new Counts(
                phase,
                bytesDone.get(),
                OptionalLong.of(image.size()),
                bytesRead.get(),
                written,
                OptionalLong.empty(),
                OptionalLong.of(zero),
                OptionalLong.of(unused),
                OptionalLong.of(unreadableBytes()));
    }
}
