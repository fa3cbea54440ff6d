package io.platter.engine.check;

import io.platter.block.CorruptImageException;
import io.platter.image.Sha256;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.RecordLocation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The pages of indexes that have passed, without the content of leaves: enough to tell whether an image's tree is whole. A
 * part of a tree that several images share is looked at once.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class PassedPages {
    /** A page that has passed; of an inner page with what is below it. */
    private record Passed(int level, InnerPage.Child page, Optional<InnerPage> inner) {}

    /** A page as its parent expects it; a topmost one has any level, −1. */
    private record Expected(InnerPage.Child page, int level) {}

    private final String resource;
    private final Map<RecordLocation, Passed> pages = new HashMap<>();
    private final Set<Expected> found = new HashSet<>();

    PassedPages(String resource) {
        this.resource = resource;
    }

    /** Takes a page. */
    void add(RecordLocation location, IndexPage page) {
        InnerPage.Child child = new InnerPage.Child(page.diskOffset(), page.length(), page.hash(), location);
        Optional<InnerPage> inner = page instanceof InnerPage given ? Optional.of(given) : Optional.empty();
        pages.put(location, new Passed(page.level(), child, inner));
    }

    /** Returns how many have passed. */
    int count() {
        return pages.size();
    }

    /** Tells whether a page with a hash has passed at a place. */
    boolean has(RecordLocation location, Sha256 hash) {
        Passed passed = pages.get(location);
        return passed != null && passed.page.hash().equals(hash);
    }

    /**
     * Checks that the pages of an image are among those that have passed.
     *
     * @param root the image's root
     * @throws CorruptImageException if one is not, or is another than its parent says
     */
    void checkTree(ImageRoot root) throws CorruptImageException {
        check(new Expected(new InnerPage.Child(0, root.coveredLength(), root.rootHash(), root.rootPage()), -1));
    }

    private void check(Expected expected) throws CorruptImageException {
        if (!found.add(expected)) {
            return;
        }
        RecordLocation location = expected.page.location();
        Passed passed = pages.get(location);
        if (passed == null) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "the page for " + expected.page.length() + " bytes at disk offset " + expected.page.diskOffset()
                            + " has not passed here");
        }
        if (!passed.page.hash().equals(expected.page.hash())) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "page hash " + passed.page.hash() + ", expected " + expected.page.hash());
        }
        if (!passed.page.equals(expected.page) || (expected.level >= 0 && passed.level != expected.level)) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "page of level " + passed.level + " for " + passed.page.length() + " bytes at disk offset "
                            + passed.page.diskOffset() + " in a record of "
                            + passed.page.location().length() + ", expected "
                            + (expected.level >= 0 ? "level " + expected.level + ", " : "")
                            + expected.page.length() + " at " + expected.page.diskOffset() + " in one of "
                            + location.length());
        }
        if (passed.inner.isPresent()) {
            for (InnerPage.Child child : passed.inner.get().children()) {
                check(new Expected(child, passed.level - 1));
            }
        }
    }
}
