package io.platter.engine.read;

import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Goes over the leaves of an image's index in the order of the disk, with one page of each level in memory.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Leaves {
    private final ImageFile file;
    private final ArrayDeque<InnerPage> parents = new ArrayDeque<>();
    private final ArrayDeque<Iterator<InnerPage.Child>> positions = new ArrayDeque<>();
    private Optional<LeafPage> onlyLeaf = Optional.empty();

    /** Starts at the first leaf that ends after {@code diskOffset}. */
    public Leaves(ImageFile file, ImageRoot root, long diskOffset) throws IOException {
        this.file = file;
        IndexPage page = file.rootPage(root);
        while (page instanceof InnerPage inner) {
            Iterator<InnerPage.Child> children = inner.children().iterator();
            InnerPage.Child child = children.next();
            while (children.hasNext() && child.diskOffset() + child.length() <= diskOffset) {
                child = children.next();
            }
            parents.push(inner);
            positions.push(children);
            page = file.childPage(inner, child);
        }
        onlyLeaf = Optional.of((LeafPage) page);
    }

    /** Returns the next leaf, or nothing after the last. */
    public Optional<LeafPage> next() throws IOException {
        if (onlyLeaf.isPresent()) {
            Optional<LeafPage> first = onlyLeaf;
            onlyLeaf = Optional.empty();
            return first;
        }
        while (!positions.isEmpty() && !positions.peek().hasNext()) {
            positions.pop();
            parents.pop();
        }
        if (positions.isEmpty()) {
            return Optional.empty();
        }
        while (true) {
            InnerPage parent = parents.peek();
            IndexPage page = file.childPage(parent, positions.peek().next());
            if (page instanceof LeafPage leaf) {
                return Optional.of(leaf);
            }
            InnerPage inner = (InnerPage) page;
            parents.push(inner);
            positions.push(inner.children().iterator());
        }
    }
}
