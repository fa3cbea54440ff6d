package io.platter.engine.write;

import io.platter.image.Sha256;
import io.platter.image.codec.InnerPage.Child;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows where pages are that need not be stored again.
 *
 * <p>Writer thread only.
 */
public interface KnownPages {
    /** Returns where a leaf is that starts at a place on the disk, or null. */
    @Nullable
    RecordLocation leaf(long diskOffset, Sha256 hash) throws IOException;

    /** Returns where an inner page is with these children, or null. */
    @Nullable
    RecordLocation inner(int level, List<Child> children, Sha256 hash) throws IOException;

    /** Adds a page. */
    void add(Sha256 hash, RecordLocation location);

    /** Returns what knows no page, since none can be there. */
    static KnownPages none() {
        return new KnownPages() {
            @Override
            public @Nullable RecordLocation leaf(long diskOffset, Sha256 hash) {
                return null;
            }

            @Override
            public @Nullable RecordLocation inner(int level, List<Child> children, Sha256 hash) {
                return null;
            }

            @Override
            public void add(Sha256 hash, RecordLocation location) {}
        };
    }

    /** Returns what is known by hash alone: the pages of one file. */
    static KnownPages byHash() {
        Map<Sha256, RecordLocation> pages = new HashMap<>();
        return new KnownPages() {
            @Override
            public @Nullable RecordLocation leaf(long diskOffset, Sha256 hash) {
                return pages.get(hash);
            }

            @Override
            public @Nullable RecordLocation inner(int level, List<Child> children, Sha256 hash) {
                return pages.get(hash);
            }

            @Override
            public void add(Sha256 hash, RecordLocation location) {
                pages.put(hash, location);
            }
        };
    }
}
