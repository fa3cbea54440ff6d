package io.platter.engine.read;

import io.platter.block.AlignedBuffers;
import io.platter.engine.line.ReusedBuffer;
import io.platter.image.codec.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;

/**
 * A frame on its way back to the disk: one thread reads it and checks the blocks that are wanted, another gives each of
 * them to all its places; neighbours go together. Its memory is used again for the next frame.
 *
 * <p>Not thread-safe: one thread at a time.
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
    private final ReusedBuffer plain = new ReusedBuffer(AlignedBuffers::allocate);
    private final BitSet checked = new BitSet();
    private int number;
    private Optional<FrameDecoder.Decoded> read = Optional.empty();

    /** Creates the way for frames of a plan. */
    public FrameScatter(RecordReader records, FramePlan plan) {
        this.records = records;
        this.plan = plan;
    }

    /** Says which of the plan's frames is next. */
    void start(int frameNumber) {
        number = frameNumber;
        read = Optional.empty();
    }

    /** Returns the length of the frame's record in the image, in bytes. */
    public int recordLength() {
        return plan.frame(number).length();
    }

    /** Reads the frame and checks its blocks. */
    public void read(FrameDecoder decoder) throws IOException {
        FrameDecoder.Decoded frame = decoder.decode(records, plan.frame(number), plain);
        checked.clear();
        for (int reference = plan.firstReference(number); reference < plan.firstReference(number + 1); reference++) {
            int slot = plan.slot(reference);
            if (!plan.isIn(frame.table(), reference)) {
                throw frame.record()
                        .corrupt("slot " + slot
                                + " does not hold the block that the index expects at disk offset "
                                + plan.diskOffset(reference));
            }
            if (!checked.get(slot)) {
                checked.set(slot);
                decoder.checkBlock(frame, slot);
            }
        }
        read = Optional.of(frame);
    }

    /**
     * Gives the blocks to their places.
     *
     * @return how many bytes that were
     */
    public long giveTo(Places places) throws IOException {
        FrameDecoder.Decoded frame = read.orElseThrow();
        int reference = plan.firstReference(number);
        int end = plan.firstReference(number + 1);
        long given = 0;
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
            given += length;
        }
        return given;
    }
}
