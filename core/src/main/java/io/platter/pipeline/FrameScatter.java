package io.platter.pipeline;

import io.platter.block.CorruptImageException;
import io.platter.format.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads one frame, checks the blocks that are wanted, and gives each to all its places; neighbours go together.
 *
 * <p>Worker.
 */
public final class FrameScatter {
    /** Where blocks go. */
    @FunctionalInterface
    public interface Places {
        /** Takes all bytes from position to limit, which stand at {@code diskOffset}. */
        void accept(ByteBuffer bytes, long diskOffset) throws IOException;
    }

    private final RecordReader records;
    private final FramePlan plan;
    private final Places places;
    private final AtomicLong bytesRead;
    private final AtomicLong bytesDone;

    /**
     * Creates the work on a plan's frames.
     *
     * @param bytesRead counts the bytes of the image file
     * @param bytesDone counts the bytes of the disk
     */
    public FrameScatter(
            RecordReader records, FramePlan plan, Places places, AtomicLong bytesRead, AtomicLong bytesDone) {
        this.records = records;
        this.plan = plan;
        this.places = places;
        this.bytesRead = bytesRead;
        this.bytesDone = bytesDone;
    }

    /** Does one frame. */
    public void run(int frameNumber, FrameDecoder decoder) throws IOException {
        FrameDecoder.Decoded frame = decoder.decode(records, plan.frame(frameNumber));
        bytesRead.addAndGet(plan.frame(frameNumber).length());
        int end = plan.firstReference(frameNumber + 1);
        check(frame, decoder, plan.firstReference(frameNumber), end);
        int reference = plan.firstReference(frameNumber);
        while (reference < end) {
            int first = reference;
            int length = plan.length(reference);
            reference++;
            while (reference < end
                    && plan.slot(reference) == plan.slot(reference - 1) + 1
                    && plan.diskOffset(reference) == plan.diskOffset(first) + length) {
                length += plan.length(reference);
                reference++;
            }
            int start = frame.table().plainOffset(plan.slot(first));
            places.accept(frame.plain().slice(start, length), plan.diskOffset(first));
            bytesDone.addAndGet(length);
        }
    }

    private void check(FrameDecoder.Decoded frame, FrameDecoder decoder, int from, int to) throws IOException {
        BitSet checked = new BitSet();
        byte[] hash = new byte[32];
        for (int reference = from; reference < to; reference++) {
            int slot = plan.slot(reference);
            boolean same = slot < frame.table().count() && frame.table().length(slot) == plan.length(reference);
            if (same) {
                frame.table().hash(slot, hash);
                same = FramePlan.prefix(hash) == plan.hashPrefix(reference);
            }
            if (!same) {
                throw new CorruptImageException(
                        records.resource(),
                        frame.record().location().imageOffset(),
                        "slot " + slot
                                + " does not hold the block that the index expects at disk offset "
                                + plan.diskOffset(reference));
            }
            if (!checked.get(slot)) {
                checked.set(slot);
                decoder.checkBlock(frame, slot);
            }
        }
    }
}
