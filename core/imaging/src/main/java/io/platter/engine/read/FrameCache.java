package io.platter.engine.read;

import io.platter.block.CorruptImageException;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decoded frames that were touched last, whose blocks' hashes are checked; at most 32 MiB, or one frame.
 *
 * <p>Safe for use by several threads.
 */
public final class FrameCache implements AutoCloseable {
    private static final long CAPACITY = 32 << 20;

    private static final class CachedFrame {
        final BlockTable table;
        final byte[] plain;

        CachedFrame(BlockTable table, byte[] plain) {
            this.table = table;
            this.plain = plain;
        }
    }

    private final Map<RecordLocation, CachedFrame> frames = new LinkedHashMap<>(64, 0.75f, true);
    private final ArrayDeque<FrameDecoder> decoders = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    /** Creates a cache without a frame. */
    public FrameCache() {}

    /**
     * Puts bytes {@code [from, to)} of a block to a buffer.
     *
     * @throws CorruptImageException if the frame is damaged, or does not hold the block that the page means
     */
    public void read(RecordReader records, LeafPage page, int block, int from, int to, ByteBuffer target)
            throws IOException {
        RecordLocation location = page.frame(page.frameNumber(block));
        CachedFrame frame = lookUp(location);
        if (frame == null) {
            frame = load(records, location);
        }
        int slot = page.slot(block);
        byte[] expected = new byte[Sha256.LENGTH];
        page.hash(block, expected, 0);
        if (!frame.table.holds(slot, page.blockLength(block), expected, 0)) {
            throw new CorruptImageException(
                    records.resource(location),
                    location.packOffset(),
                    "slot " + slot + " does not hold the block that the index expects");
        }
        target.put(frame.plain, frame.table.plainOffset(slot) + from, to - from);
    }

    private @Nullable CachedFrame lookUp(RecordLocation location) {
        synchronized (frames) {
            return frames.get(location);
        }
    }

    private CachedFrame load(RecordReader records, RecordLocation location) throws IOException {
        FrameDecoder decoder = takeDecoder();
        try {
            FrameDecoder.Decoded decoded = decoder.decode(records, location);
            for (int slot = 0; slot < decoded.table().count(); slot++) {
                decoder.checkBlock(decoded, slot);
            }
            byte[] plain = new byte[decoded.plain().limit()];
            decoded.plain().get(0, plain);
            CachedFrame frame = new CachedFrame(decoded.table().copy(), plain);
            keep(location, frame);
            return frame;
        } finally {
            giveBack(decoder);
        }
    }

    private void keep(RecordLocation location, CachedFrame frame) {
        synchronized (frames) {
            if (closed) {
                return;
            }
            CachedFrame twin = frames.put(location, frame);
            bytes += frame.plain.length - (twin == null ? 0 : twin.plain.length);
            Iterator<CachedFrame> eldest = frames.values().iterator();
            while (bytes > CAPACITY && frames.size() > 1) {
                bytes -= eldest.next().plain.length;
                eldest.remove();
            }
        }
    }

    private FrameDecoder takeDecoder() {
        synchronized (frames) {
            return decoders.isEmpty() ? new FrameDecoder() : decoders.pop();
        }
    }

    private void giveBack(FrameDecoder decoder) {
        synchronized (frames) {
            if (!closed && decoders.size() < 8) {
                decoders.push(decoder);
                return;
            }
        }
        decoder.close();
    }

    @Override
    public void close() {
        synchronized (frames) {
            closed = true;
            frames.clear();
            decoders.forEach(FrameDecoder::close);
            decoders.clear();
        }
    }
}
