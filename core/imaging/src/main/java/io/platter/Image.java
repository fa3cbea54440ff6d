package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.engine.read.FrameCache;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.Leaves;
import io.platter.engine.read.OpenFile;
import io.platter.engine.read.PageCache;
import io.platter.image.ImageInfo;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One image of a file: one disk at one moment.
 *
 * <p>Valid until its {@link ImageReader} is closed: then all that reads throws {@link
 * java.nio.channels.ClosedChannelException}, its device and its channel too. Safe for use by several threads.
 */
public final class Image {
    private final OpenFile bytes;
    private final ImageFile file;
    private final ImageRoot root;
    private final PageCache pages;
    private final FrameCache frames;

    Image(OpenFile bytes, ImageFile file, ImageRoot root, PageCache pages, FrameCache frames) {
        this.bytes = bytes;
        this.file = file;
        this.root = root;
        this.pages = pages;
        this.frames = frames;
    }

    /**
     * Returns what the image says of itself. Reads its properties each time.
     *
     * @throws io.platter.block.CorruptImageException if they are damaged
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public ImageInfo info() throws IOException {
        bytes.check();
        return root.describe(file.properties(root));
    }

    /** Returns which image of its file it is, from 1. */
    public int number() {
        return root.number();
    }

    /** Returns the size of the disk in bytes. */
    public long size() {
        return root.coveredLength();
    }

    /** Returns the file's bytes, which know whether the file is open. */
    OpenFile bytes() {
        return bytes;
    }

    ImageFile file() {
        return file;
    }

    ImageRoot root() {
        return root;
    }

    /**
     * Returns what the disk is made of, from its start to its end. Reads the index while the stream is consumed, a page
     * at a time; what goes wrong then is an {@link UncheckedIOException}.
     *
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the first page can't be read
     */
    public Stream<Extent> extents() throws IOException {
        bytes.check();
        Iterator<Extent> iterator = new ExtentIterator(bytes, new Leaves(file, root, 0));
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(iterator, Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /** Joins what page boundaries parted. */
    private static final class ExtentIterator implements Iterator<Extent> {
        private final OpenFile bytes;
        private final Leaves leaves;
        private Optional<LeafPage> leaf = Optional.empty();
        private int number;
        private Optional<Extent> upcoming;

        ExtentIterator(OpenFile bytes, Leaves leaves) throws IOException {
            this.bytes = bytes;
            this.leaves = leaves;
            this.leaf = leaves.next();
            this.upcoming = read();
        }

        private Optional<Extent> read() throws IOException {
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
        public Extent next() {
            Extent extent = upcoming.orElseThrow(NoSuchElementException::new);
            try {
                upcoming = read();
                while (upcoming.isPresent()
                        && upcoming.get().kind() == extent.kind()
                        && upcoming.get().detail() == extent.detail()) {
                    long length = extent.length() + upcoming.get().length();
                    extent = new Extent(extent.offset(), length, extent.kind(), extent.detail());
                    upcoming = read();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return extent;
        }
    }

    /**
     * Fills {@code target} from its position to its limit with the disk's bytes from {@code diskOffset} on. Each block
     * is checked against its hash. Bytes that were not used or not readable read as zeros.
     *
     * @throws IllegalArgumentException if the range is not inside the disk
     * @throws io.platter.block.CorruptImageException if the image is damaged where it was read
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        bytes.check();
        if (diskOffset < 0 || diskOffset > size() - target.remaining()) {
            throw new IllegalArgumentException("range of " + target.remaining() + " bytes at disk offset " + diskOffset
                    + " is not inside the disk of " + size() + " bytes");
        }
        long position = diskOffset;
        while (target.hasRemaining()) {
            LeafPage page = leafAt(position);
            int before = target.position();
            read(page, target, position);
            position += target.position() - before;
        }
    }

    /** Returns the run of one kind that contains {@code diskOffset}, from there on; not longer than its page. */
    Extent extentAt(long diskOffset) throws IOException {
        bytes.check();
        LeafPage page = leafAt(diskOffset);
        Extent extent = page.extent(page.extentAt(diskOffset));
        return extent.clip(diskOffset, extent.end());
    }

    private LeafPage leafAt(long diskOffset) throws IOException {
        IndexPage page = pages.root(file, root);
        while (page instanceof InnerPage inner) {
            page = pages.child(file, inner, inner.children().get(inner.childAt(diskOffset)));
        }
        return (LeafPage) page;
    }

    private void read(LeafPage page, ByteBuffer target, long diskOffset) throws IOException {
        long position = diskOffset;
        for (int i = page.extentAt(position); i < page.extentCount() && target.hasRemaining(); i++) {
            Extent extent = page.extent(i);
            int count = (int) Math.min(target.remaining(), extent.end() - position);
            if (extent.kind() == ExtentKind.DATA) {
                readBlocks(page, target, position, count);
            } else {
                long pattern = extent.kind() == ExtentKind.FILL ? extent.detail() : 0;
                for (long at = position; at < position + count; at++) {
                    target.put((byte) (pattern >>> (8 * (at & 7))));
                }
            }
            position += count;
        }
    }

    private void readBlocks(LeafPage page, ByteBuffer target, long diskOffset, int length) throws IOException {
        long end = diskOffset + length;
        long position = diskOffset;
        for (int block = page.blockAt(diskOffset); position < end; block++) {
            long start = page.blockOffset(block);
            int from = (int) (position - start);
            int to = (int) Math.min(end - start, page.blockLength(block));
            frames.read(file.records(), page, block, from, to, target);
            position = start + to;
        }
    }

    /** Returns the disk as a device for reading. Closing it does nothing. */
    public BlockDevice asDevice() {
        return new ImageDevice(this);
    }

    /** Returns the disk as a channel for reading, with a position of its own. Closing it closes nothing else. */
    public SeekableByteChannel asChannel() {
        return new ImageChannel(this);
    }

    @Override
    public String toString() {
        return "image " + number() + " of " + file.name();
    }
}
