package io.platter.engine.write;

import io.platter.image.ImageExtentKind;
import io.platter.image.Sha256;
import io.platter.image.codec.HashDomain;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.InnerPage.Child;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.LeafPageBuilder;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the index of one image: leaf pages in the order of the disk, and the pages above them.
 *
 * <p>A page of level n starts afresh when its next entry starts in another span of the disk, or when it
 * is full. So a change of the disk changes the pages of its own span only, and a page that the file already has, by its
 * hash, is not written again.
 *
 * <p>Writer thread only.
 */
final class IndexWriter {
    /**
     * Of each level the binary logarithm of the span of the disk that a page keeps to. The lower levels are small, so that a
     * small change makes little anew; the highest takes any disk.
     */
    private static final int[] SPAN_LOGS = {20, 24, 28, 36, 44, 52, 60, 63};

    private final Destination destination;
    private final FrameDirectory frames;
    private final KnownPages pages;
    private final ArrayDeque<LeafPageBuilder> spare = new ArrayDeque<>();
    private LeafPageBuilder leaf;

    /** The children of the page that is open on each level above the leaves. */
    private List<List<Child>> open = new ArrayList<>();

    IndexWriter(Destination destination, FrameDirectory frames, KnownPages pages) {
        this.destination = destination;
        this.frames = frames;
        this.pages = pages;
        this.leaf = newLeaf(0);
    }

    private LeafPageBuilder newLeaf(long diskOffset) {
        return new LeafPageBuilder(diskOffset, destination.names());
    }

    /** Takes note of a page that the file has. */
    void know(Sha256 hash, RecordLocation location) {
        pages.add(hash, location);
    }

    /** Returns the disk offset up to which the index goes. */
    long position() {
        return leaf.diskOffset() + leaf.length();
    }

    /**
     * Makes room for a run without data.
     *
     * @return the leaf that was closed for that, to be given to {@link #write} when its frames are written, or null
     */
    @org.jspecify.annotations.Nullable
    LeafPageBuilder closeBefore(ImageExtentKind kind, long detail) {
        return leaf.continues(kind, detail) ? null : closeBeforeBlock();
    }

    /** Makes room for a block; see {@link #closeBefore}. */
    @org.jspecify.annotations.Nullable
    LeafPageBuilder closeBeforeBlock() {
        boolean sameSpan = isSameSpan(0, position(), leaf.diskOffset());
        return leaf.isEmpty() || (sameSpan && leaf.hasRoom()) ? null : closeLeaf();
    }

    private static boolean isSameSpan(int level, long one, long other) {
        return one >> SPAN_LOGS[level] == other >> SPAN_LOGS[level];
    }

    private LeafPageBuilder closeLeaf() {
        LeafPageBuilder closed = leaf;
        leaf = spare.isEmpty() ? newLeaf(0) : spare.pop();
        leaf.reset(closed.diskOffset() + closed.length());
        return closed;
    }

    /** Returns the leaf to which the next extent or block goes. */
    LeafPageBuilder leaf() {
        return leaf;
    }

    /** Writes a closed leaf, whose frames are written. */
    void write(LeafPageBuilder closed) throws IOException {
        add(0, leafChild(closed));
        spare.push(closed);
    }

    private Child leafChild(LeafPageBuilder page) throws IOException {
        ByteBuffer map = page.encodeMap();
        Sha256 hash = HashDomain.PAGE.hash(map);
        RecordLocation location = pages.leaf(page.diskOffset(), hash);
        if (location == null) {
            location = append(hash, page.encodeTable(number -> destination.use(frames.location(number))), map);
        }
        return new Child(page.diskOffset(), page.length(), hash, location);
    }

    private RecordLocation append(Sha256 hash, ByteBuffer table, ByteBuffer map) throws IOException {
        RecordLocation location = destination.addPage(table, map, hash);
        pages.add(hash, location);
        return location;
    }

    private void add(int level, Child child) throws IOException {
        destination.use(child.location());
        if (open.size() == level) {
            open.add(new ArrayList<>());
        }
        List<Child> children = open.get(level);
        if (!children.isEmpty()) {
            boolean sameSpan =
                    isSameSpan(level + 1, child.diskOffset(), children.get(0).diskOffset());
            if (!sameSpan || children.size() == InnerPage.capacity()) {
                add(level + 1, innerChild(level + 1, children));
                children.clear();
            }
        }
        children.add(child);
    }

    private Child innerChild(int level, List<Child> children) throws IOException {
        ByteBuffer map = InnerPage.encodeMap(level, children);
        Sha256 hash = HashDomain.PAGE.hash(map);
        RecordLocation location = pages.inner(level, children, hash);
        if (location == null) {
            location = append(hash, InnerPage.encodeTable(children, destination.names()), map);
        }
        long start = children.get(0).diskOffset();
        return new Child(start, children.get(children.size() - 1).end() - start, hash, location);
    }

    /** Writes what is missing for an index up to {@link #position()}, and returns its topmost page. */
    Child finish() throws IOException {
        if (!leaf.isEmpty() || open.isEmpty()) {
            add(0, leafChild(leaf));
            leaf.reset(position());
        }
        for (int level = 0; ; level++) {
            List<Child> children = open.get(level);
            if (level == open.size() - 1 && children.size() == 1) {
                return children.get(0);
            }
            if (!children.isEmpty()) {
                add(level + 1, innerChild(level + 1, children));
            }
        }
    }

    /** Does what {@link #finish} does, and leaves this index as if nothing had happened. */
    Child finishForNow() throws IOException {
        List<List<Child>> saved = open;
        LeafPageBuilder savedLeaf = leaf;
        open = new ArrayList<>();
        saved.forEach(children -> open.add(new ArrayList<>(children)));
        try {
            if (!leaf.isEmpty() || open.isEmpty()) {
                add(0, leafChild(leaf));
            }
            leaf = newLeaf(position());
            return finish();
        } finally {
            open = saved;
            leaf = savedLeaf;
        }
    }

    /**
     * Takes the leaves of an index that was finished for now, in their order.
     *
     * @param child the leaf as its parent has it
     * @param page the leaf
     * @param last whether it is the last one, which is then open again
     */
    void resume(Child child, LeafPage page, boolean last) throws IOException {
        if (!last) {
            add(0, child);
            leaf.reset(child.diskOffset() + child.length());
            return;
        }
        leaf.reset(page.diskOffset());
        byte[] hash = new byte[Sha256.LENGTH];
        for (int i = 0; i < page.extentCount(); i++) {
            var extent = page.extent(i);
            if (extent.kind() != ImageExtentKind.DATA) {
                leaf.addExtent(extent.kind(), extent.length(), extent.detail());
            }
            for (int block = page.firstBlock(i); block < page.firstBlock(i + 1); block++) {
                page.hash(block, hash, 0);
                long frame = frames.numberOf(page.frame(page.frameNumber(block)));
                leaf.addBlock(hash, 0, page.blockLength(block), frame, page.slot(block));
            }
        }
    }
}
