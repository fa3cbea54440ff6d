package io.platter.engine.store;

import io.platter.engine.read.StoredImage;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.InnerPage.Child;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds pages of an index by their level and a place on the disk, and keeps those on the way to the last one.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class PageCursor {
    /** A page, as what refers to it says that it is. */
    private record Step(Child child, IndexPage page) {
        boolean covers(long diskOffset) {
            return child.diskOffset() <= diskOffset && diskOffset < child.end();
        }
    }

    private final StoredImage image;

    /** From the topmost page down. */
    private final List<Step> way = new ArrayList<>();

    PageCursor(StoredImage image) {
        this.image = image;
    }

    private Step top() throws IOException {
        if (way.isEmpty()) {
            way.add(new Step(image.topmostChild(), image.topmostPage()));
        }
        return way.get(0);
    }

    /** Returns the level of the topmost page. */
    int topLevel() throws IOException {
        return top().page.level();
    }

    /**
     * Returns a page as its parent has it, which is not read for that.
     *
     * @param level at most that of the topmost page
     * @param diskOffset on the disk
     */
    Child childAt(int level, long diskOffset) throws IOException {
        if (level == topLevel()) {
            return top().child;
        }
        InnerPage parent = innerAt(level + 1, diskOffset);
        return parent.children().get(parent.childAt(diskOffset));
    }

    /** Returns the inner page of a level, from 1, that covers a place on the disk. */
    InnerPage innerAt(int level, long diskOffset) throws IOException {
        return (InnerPage) pageAt(level, diskOffset);
    }

    /** Returns the leaf that covers a place on the disk. */
    LeafPage leafAt(long diskOffset) throws IOException {
        return (LeafPage) pageAt(0, diskOffset);
    }

    private IndexPage pageAt(int level, long diskOffset) throws IOException {
        int depth = topLevel() - level;
        for (int next = 1; next <= depth; next++) {
            if (next < way.size() && way.get(next).covers(diskOffset)) {
                continue;
            }
            way.subList(next, way.size()).clear();
            InnerPage parent = (InnerPage) way.get(next - 1).page;
            Child child = parent.children().get(parent.childAt(diskOffset));
            way.add(new Step(child, image.page(parent, child)));
        }
        return way.get(depth).page;
    }
}
