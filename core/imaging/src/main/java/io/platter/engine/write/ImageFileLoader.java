package io.platter.engine.write;

import io.platter.engine.read.ImageFile;
import io.platter.image.Sha256;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Fills what a writer knows of a file from the indexes of the images that the file has, where it has no catalog; a page that
 * several images share is read once.
 */
final class ImageFileLoader {
    private final ImageFile file;
    private final FrameDirectory frames;
    private final BlockIndex blocks;
    private final IndexWriter index;
    private final Set<RecordLocation> seen = new HashSet<>();
    private final byte[] hash = new byte[Sha256.LENGTH];

    ImageFileLoader(ImageFile file, FrameDirectory frames, BlockIndex blocks, IndexWriter index) {
        this.file = file;
        this.frames = frames;
        this.blocks = blocks;
        this.index = index;
    }

    /** Takes note of all blocks and pages of an image. */
    void load(ImageRoot root) throws IOException {
        if (seen.add(root.rootPage())) {
            load(file.rootPage(root), root.rootPage());
        }
    }

    private void load(IndexPage page, RecordLocation location) throws IOException {
        index.know(page.hash(), location);
        if (page instanceof LeafPage leaf) {
            load(leaf);
        } else if (page instanceof InnerPage inner) {
            for (InnerPage.Child child : inner.children()) {
                if (seen.add(child.location())) {
                    load(file.childPage(inner, child), child.location());
                }
            }
        }
    }

    private void load(LeafPage leaf) {
        for (int block = 0; block < leaf.blockCount(); block++) {
            leaf.hash(block, hash, 0);
            if (blocks.find(hash, 0) == BlockIndex.NONE) {
                long frame = frames.numberOf(leaf.frame(leaf.frameNumber(block)));
                blocks.add(hash, 0, FrameDirectory.place(frame, leaf.slot(block)));
            }
        }
    }

    /** Puts a partial image's index back as it was when it was finished for now. */
    void resume(ImageRoot root) throws IOException {
        if (root.coveredLength() > 0) {
            resume(file.rootPage(root), root.rootPage(), root.coveredLength());
        }
    }

    private void resume(IndexPage page, RecordLocation location, long end) throws IOException {
        if (page instanceof LeafPage leaf) {
            boolean last = leaf.end() == end;
            index.resume(new InnerPage.Child(leaf.diskOffset(), leaf.length(), leaf.hash(), location), leaf, last);
        } else if (page instanceof InnerPage inner) {
            for (InnerPage.Child child : inner.children()) {
                resume(file.childPage(inner, child), child.location(), end);
            }
        }
    }
}
