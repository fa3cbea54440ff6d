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
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where blocks come from that are read in any order: the decoded frames that were touched last. A block's hash is checked
 * when it is first given out. Threads that want the same frame at once decode it once: the others wait for the first,
 * and only for a frame; if that one fails, the next of them tries for itself.
 *
 * <p>Safe for use by several threads.
 */
public final class FrameSource implements AutoCloseable {
    /** Threads that want different frames wait for each other only if these fall together. */
    private static final int LOCKS = 64;

    private static final int MAX_DECODERS = 8;

    /** A decoded frame, of whose blocks some are checked. Its lock is the frame itself. */
    private static final class CachedFrame {
        private final FrameDecoder.Decoded frame;
        private final BitSet checked = new BitSet();

        CachedFrame(FrameDecoder.Decoded frame) {
            this.frame = frame;
        }

        BlockTable table() {
            return frame.table();
        }

        int size() {
            return frame.plain().capacity();
        }

        synchronized boolean isChecked(int slot) {
            return checked.get(slot);
        }

        synchronized void setChecked(int slot) {
            checked.set(slot);
        }
    }

    private final long capacity;
    private final Object[] locks = new Object[LOCKS];
    private final Map<RecordLocation, CachedFrame> frames = new LinkedHashMap<>(64, 0.75f, true);
    private final ArrayDeque<FrameDecoder> decoders = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    /**
     * Creates a source without a frame.
     *
     * @param capacity how many bytes of decoded frames are kept, 0 or more; one frame is kept in any case
     */
    public FrameSource(long capacity) {
        this.capacity = capacity;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    /**
     * Puts bytes {@code [from, to)} of a block to a buffer.
     *
     * @throws CorruptImageException if the frame is damaged, or does not hold the block that the page means
     */
    public void read(RecordReader records, LeafPage page, int block, int from, int to, ByteBuffer target)
            throws IOException {
        RecordLocation location = page.frame(page.frameNumber(block));
        CachedFrame cached = frame(records, location);
        int slot = page.slot(block);
        byte[] expected = new byte[Sha256.LENGTH];
        page.hash(block, expected, 0);
        if (!cached.table().holds(slot, page.blockLength(block), expected, 0)) {
            throw new CorruptImageException(
                    records.resource(location),
                    location.packOffset(),
                    "slot " + slot + " does not hold the block that the index expects");
        }
        if (!cached.isChecked(slot)) {
            check(cached, slot);
        }
        target.put(target.position(), cached.frame.plain(), cached.table().plainOffset(slot) + from, to - from);
        target.position(target.position() + to - from);
    }

    private void check(CachedFrame cached, int slot) throws CorruptImageException {
        FrameDecoder decoder = takeDecoder();
        try {
            decoder.checkBlock(cached.frame, slot);
            cached.setChecked(slot);
        } finally {
            giveBack(decoder);
        }
    }

    private CachedFrame frame(RecordReader records, RecordLocation location) throws IOException {
        CachedFrame known = lookUp(location);
        if (known != null) {
            return known;
        }
        synchronized (locks[Math.floorMod(location.hashCode(), LOCKS)]) {
            CachedFrame decodedByOther = lookUp(location);
            return decodedByOther != null ? decodedByOther : load(records, location);
        }
    }

    private @Nullable CachedFrame lookUp(RecordLocation location) {
        synchronized (frames) {
            return frames.get(location);
        }
    }

    private CachedFrame load(RecordReader records, RecordLocation location) throws IOException {
        FrameDecoder decoder = takeDecoder();
        try {
            CachedFrame frame = new CachedFrame(decoder.decodeToKeep(records, location));
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
            frames.put(location, frame);
            bytes += frame.size();
            Iterator<CachedFrame> eldest = frames.values().iterator();
            while (bytes > capacity && frames.size() > 1) {
                bytes -= eldest.next().size();
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
            if (!closed && decoders.size() < MAX_DECODERS) {
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
