package io.platter.engine.check;

import io.platter.block.CorruptImageException;
import io.platter.engine.line.ReusedBuffer;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.ImageFile;
import io.platter.engine.write.CatalogLoader;
import io.platter.engine.write.Frame;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Catalog;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import io.platter.job.CancellationToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks that the indexes of a file's images refer to the blocks that they mean. Keeps the hash and length of each block: 36
 * bytes.
 *
 * <p>Methods are for one thread, unless they say otherwise.
 */
public final class ReferenceCheck {
    private final ImageFile file;
    private final List<Frame> frames = new ArrayList<>();
    private final byte[] expected = new byte[Sha256.LENGTH];

    /** Creates a check of a file. */
    public ReferenceCheck(ImageFile file) {
        this.file = file;
    }

    /** A frame, and the hashes and lengths that its blocks turned out to have. */
    public static final class Frame {
        private final RecordLocation location;
        private final byte[] hashes;
        private final int[] lengths;

        private Frame(RecordLocation location, byte[] hashes, int[] lengths) {
            this.location = location;
            this.hashes = hashes;
            this.lengths = lengths;
        }

        /** Checks all blocks of a frame. */
        static Frame of(FrameDecoder.Decoded decoded, FrameDecoder decoder) throws IOException {
            BlockTable table = decoded.table();
            byte[] hashes = new byte[table.count() * Sha256.LENGTH];
            int[] lengths = new int[table.count()];
            for (int slot = 0; slot < table.count(); slot++) {
                decoder.checkBlock(decoded, slot);
                table.hash(slot, hashes, slot * Sha256.LENGTH);
                lengths[slot] = table.length(slot);
            }
            return new Frame(decoded.record().location(), hashes, lengths);
        }

        private boolean holds(int slot, byte[] hash) {
            int at = slot * Sha256.LENGTH;
            return at < hashes.length
                    && java.util.Arrays.equals(hashes, at, at + Sha256.LENGTH, hash, 0, Sha256.LENGTH);
        }
    }

    /** Adds a frame, which is after all others in the file. */
    void add(Frame frame) {
        frames.add(frame);
    }

    /** Returns the number of blocks of the frames. */
    public long blocks() {
        return frames.stream().mapToLong(frame -> frame.lengths.length).sum();
    }

    /**
     * Checks that the catalog, if there is one, lists each frame and each page once, as it is, when all have passed.
     */
    public void checkCatalog(RecordCheck passed, CancellationToken cancellation) throws IOException {
        RecordLocation newest = file.commit().contents().catalog();
        ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
        Set<RecordLocation> listed = new HashSet<>();
        long following = -1;
        for (RecordLocation next = newest; next.isPresent(); ) {
            cancellation.throwIfCancelled();
            Catalog part = CatalogLoader.read(file, next, buffer);
            int block = 0;
            for (Catalog.ListedFrame frame : part.frames()) {
                checkListed(next, frame.location(), listed.add(frame.location()) && holds(frame, part, block));
                block += frame.blocks();
            }
            for (Catalog.ListedPage page : part.pages()) {
                checkListed(
                        next,
                        page.location(),
                        listed.add(page.location()) && passed.pages().has(page.location(), page.hash()));
            }
            checkCount(next, part, following);
            following = part.allBlocks() - block;
            next = part.previous();
        }
        if (following > 0) {
            throw new CorruptImageException(
                    file.name(),
                    newest.packOffset(),
                    "catalog that lacks " + following + " of the blocks that it counts");
        }
        boolean committed = file.uncommittedImage().isEmpty();
        if (newest.isPresent()
                && committed
                && listed.size() != frames.size() + passed.pages().count()) {
            throw new CorruptImageException(
                    file.name(),
                    newest.packOffset(),
                    "catalog of " + listed.size() + " frames and pages, the file has "
                            + (frames.size() + passed.pages().count()));
        }
    }

    /** Checks that a part counts as many blocks as the part that follows it says, if there is one. */
    private void checkCount(RecordLocation location, Catalog part, long expected) throws CorruptImageException {
        if (expected >= 0 && part.allBlocks() != expected) {
            throw new CorruptImageException(
                    file.name(),
                    location.packOffset(),
                    "catalog of " + part.allBlocks() + " blocks, expected " + expected);
        }
    }

    private boolean holds(Catalog.ListedFrame listed, Catalog part, int firstBlock) throws CorruptImageException {
        Frame frame = find(listed.location());
        boolean same = frame.lengths.length == listed.blocks();
        for (int slot = 0; same && slot < listed.blocks(); slot++) {
            part.hash(firstBlock + slot, expected);
            same = frame.holds(slot, expected);
        }
        return same;
    }

    private void checkListed(RecordLocation catalog, RecordLocation what, boolean isRight)
            throws CorruptImageException {
        if (!isRight) {
            throw new CorruptImageException(
                    file.name(),
                    catalog.packOffset(),
                    "the catalog does not say what stands at offset " + what.packOffset() + ", or says it twice");
        }
    }

    /** Checks that a leaf refers to blocks that have passed, as it says. */
    void check(LeafPage leaf) throws CorruptImageException {
        Frame[] ofLeaf = new Frame[leaf.frameCount()];
        for (int i = 0; i < ofLeaf.length; i++) {
            ofLeaf[i] = find(leaf.frame(i));
        }
        for (int block = 0; block < leaf.blockCount(); block++) {
            Frame frame = ofLeaf[leaf.frameNumber(block)];
            leaf.hash(block, expected, 0);
            int slot = leaf.slot(block);
            if (!frame.holds(slot, expected) || frame.lengths[slot] != leaf.blockLength(block)) {
                throw new CorruptImageException(
                        file.name(),
                        frame.location.packOffset(),
                        "slot " + slot + " does not hold the block that the index expects");
            }
        }
    }

    private Frame find(RecordLocation location) throws CorruptImageException {
        int low = 0;
        int high = frames.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Frame frame = frames.get(middle);
            if (frame.location.equals(location)) {
                return frame;
            }
            if (frame.location.compareTo(location) < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new CorruptImageException(
                file.name(),
                location.packOffset(),
                "no frame of " + location.length() + " bytes, which the index expects");
    }
}
