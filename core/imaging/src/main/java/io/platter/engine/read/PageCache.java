package io.platter.engine.read;

import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pages of indexes that were touched last; at most 128, which is 8 MiB.
 *
 * <p>Safe for use by several threads.
 */
public final class PageCache {
    private static final int CAPACITY = 128;

    /** By what is expected of them: a page that is right for one parent may be wrong for another. */
    private final Map<InnerPage.Child, IndexPage> pages = new LinkedHashMap<>(2 * CAPACITY, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InnerPage.Child, IndexPage> eldest) {
            return size() > CAPACITY;
        }
    };

    /** Creates a cache without a page. */
    public PageCache() {}

    private interface Loader {
        IndexPage load() throws IOException;
    }

    /** Returns the topmost page of an image. */
    public IndexPage root(ImageFile file, ImageRoot root) throws IOException {
        InnerPage.Child top = new InnerPage.Child(0, root.coveredLength(), root.rootHash(), root.rootPage());
        return get(top, () -> file.rootPage(root));
    }

    /** Returns a page below an inner page. */
    public IndexPage child(ImageFile file, InnerPage parent, InnerPage.Child child) throws IOException {
        return get(child, () -> file.childPage(parent, child));
    }

    private IndexPage get(InnerPage.Child expected, Loader loader) throws IOException {
        IndexPage page = lookUp(expected);
        if (page == null) {
            page = loader.load();
            synchronized (pages) {
                pages.put(expected, page);
            }
        }
        return page;
    }

    private @Nullable IndexPage lookUp(InnerPage.Child expected) {
        synchronized (pages) {
            return pages.get(expected);
        }
    }
}
