package io.platter.engine.read;

import io.platter.image.ImageExtent;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The extents of an image in the order of the disk; what page boundaries part is joined. Reads the index a page at a
 * time, as it goes on.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ExtentIterator implements Iterator<ImageExtent> {
    private final OpenFile bytes;
    private final Leaves leaves;
    private Optional<LeafPage> leaf = Optional.empty();
    private int number;
    private Optional<ImageExtent> upcoming;

    ExtentIterator(OpenFile bytes, Leaves leaves) throws IOException {
        this.bytes = bytes;
        this.leaves = leaves;
        this.leaf = leaves.next();
        this.upcoming = read();
    }

    private Optional<ImageExtent> read() throws IOException {
        bytes.check();
        while (leaf.isPresent() && number == leaf.get().extentCount()) {
            leaf = leaves.next();
            number = 0;
        }
        return leaf.map(page -> page.extent(number++));
    }

    @Override
    public boolean hasNext() {
        return upcoming.isPresent();
    }

    @Override
    public ImageExtent next() {
        ImageExtent extent = upcoming.orElseThrow(NoSuchElementException::new);
        try {
            upcoming = read();
            while (upcoming.isPresent()
                    && upcoming.get().kind() == extent.kind()
                    && upcoming.get().detail() == extent.detail()) {
                long length = extent.length() + upcoming.get().length();
                extent = new ImageExtent(extent.offset(), length, extent.kind(), extent.detail());
                upcoming = read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return extent;
    }
}
