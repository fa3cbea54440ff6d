package io.platter.pipeline;

import io.platter.CancellationToken;
import io.platter.block.CorruptImageException;
import io.platter.format.BlockTable;
import io.platter.format.ImageRoot;
import io.platter.format.IndexPage;
import io.platter.format.InnerPage;
import io.platter.format.LeafPage;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader;
import io.platter.format.Sha256;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * Checks that the indexes of a file's images refer to the blocks that they mean; a page that several images share is
 * checked once. Keeps the hash and length of each block: 36 bytes.
 *
 * <p>Methods are for one thread, unless they say otherwise.
 */
public final class ReferenceCheck {
    private final ImageFile file;
    private final List<Frame> frames = new ArrayList<>();
    private final Set<InnerPage.Child> seen = new HashSet<>();
    private final Set<List<Object>> properties = new HashSet<>();
    private final byte[] expected = new byte[Sha256.LENGTH];
    private long blocks;

    /** Creates a check of a file. */
    public ReferenceCheck(ImageFile file) {
        this.file = file;
    }

    /** A frame, and the hashes and lengths that its blocks turned out to have. */
    public static final class Frame {
        private final RecordLocation location;
        private byte[] hashes = new byte[0];
        private int[] lengths = new int[0];

        private Frame(RecordLocation location) {
            this.location = location;
        }

        /** Worker. Reads the frame and checks all of its blocks. */
        public void check(RecordReader records, FrameDecoder decoder) throws IOException {
            FrameDecoder.Decoded frame = decoder.decode(records, location);
            frame.record().checkedPayload();
            BlockTable table = frame.table();
            byte[] result = new byte[table.count() * Sha256.LENGTH];
            int[] resultLengths = new int[table.count()];
            byte[] hash = new byte[Sha256.LENGTH];
            for (int slot = 0; slot < table.count(); slot++) {
                decoder.checkBlock(frame, slot);
                table.hash(slot, hash);
                System.arraycopy(hash, 0, result, slot * Sha256.LENGTH, Sha256.LENGTH);
                resultLengths[slot] = table.length(slot);
            }
            hashes = result;
            lengths = resultLengths;
        }
    }

    /** Adds a frame, which is behind all others in the file, and returns what checks it. */
    public Frame add(RecordLocation location) {
        Frame frame = new Frame(location);
        frames.add(frame);
        return frame;
    }

    /** Returns the number of blocks of the frames. */
    public long blocks() {
        return blocks;
    }

    /** Checks the pages of all images, without their blocks. */
    public void pagesOnly(CancellationToken cancellation) throws IOException {
        walk(cancellation, false);
    }

    /** Checks the pages of all images and what they refer to, when all frames are checked. */
    public void all(CancellationToken cancellation) throws IOException {
        frames.forEach(frame -> blocks += frame.hashes.length / Sha256.LENGTH);
        walk(cancellation, true);
    }

    private void walk(CancellationToken cancellation, boolean references) throws IOException {
        List<ImageRoot> roots = new ArrayList<>(file.roots());
        file.partialRoot().ifPresent(roots::add);
        for (ImageRoot root : roots) {
            // Many may share what takes long to decode.
            if (properties.add(List.of(root.properties(), root.propertiesHash()))) {
                file.properties(root);
            }
            Deque<IndexPage> open = new ArrayDeque<>(List.of(file.rootPage(root)));
            while (!open.isEmpty()) {
                if (cancellation.isCancelled()) {
                    throw new CancellationException("cancelled");
                }
                IndexPage page = open.pop();
                if (page instanceof InnerPage inner) {
                    for (InnerPage.Child child : inner.children()) {
                        if (seen.add(child)) {
                            open.push(file.childPage(inner, child));
                        }
                    }
                } else if (references) {
                    check((LeafPage) page);
                }
            }
        }
    }

    private void check(LeafPage leaf) throws CorruptImageException {
        Frame[] ofLeaf = new Frame[leaf.frameCount()];
        for (int i = 0; i < ofLeaf.length; i++) {
            ofLeaf[i] = find(leaf.frame(i));
        }
        for (int block = 0; block < leaf.blockCount(); block++) {
            Frame frame = ofLeaf[leaf.frameNumber(block)];
            int at = leaf.slot(block) * Sha256.LENGTH;
            leaf.hash(block, expected, 0);
            if (at >= frame.hashes.length
                    || frame.lengths[leaf.slot(block)] != leaf.blockLength(block)
                    || !java.util.Arrays.equals(frame.hashes, at, at + Sha256.LENGTH, expected, 0, Sha256.LENGTH)) {
                throw new CorruptImageException(
                        file.name(),
                        frame.location.imageOffset(),
                        "slot " + leaf.slot(block) + " does not hold the block that the index expects");
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
            if (frame.location.imageOffset() < location.imageOffset()) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new CorruptImageException(
                file.name(),
                location.imageOffset(),
                "no frame of " + location.length() + " bytes, which the index expects");
    }
}
