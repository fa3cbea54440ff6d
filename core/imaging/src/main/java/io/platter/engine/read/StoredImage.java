package io.platter.engine.read;

import io.platter.block.BlockDevice;
import io.platter.bytes.Zeros;
import io.platter.image.ImageExtent;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;

/**
 * One image of an open file, as jobs see it: its root, its leaves in order, and its bytes in any order.
 *
 * <p>Safe for use by several threads.
 */
public final class StoredImage {

    private final OpenFile bytes;
    private final ImageFile file;
    private final ImageRoot root;
    private final PageCache pages;
    private final FrameSource frames;

    /**
     * Creates an image.
     *
     * @param bytes the bytes of the file, which know whether it is open
     * @param pages what is kept of the file's indexes
     * @param frames what is kept of the file's blocks
     */
    public StoredImage(OpenFile bytes, ImageFile file, ImageRoot root, PageCache pages, FrameSource frames) {
        this.bytes = bytes;
        this.file = file;
        this.root = root;
        this.pages = pages;
        this.frames = frames;
    }

    /** Returns the file's bytes, which know whether the file is open. */
    public OpenFile bytes() {
        return bytes;
    }

    /** Returns the file. */
    public ImageFile file() {
        return file;
    }

    /** Returns what the image says of itself. */
    public ImageRoot root() {
        return root;
    }

    /** Returns the size of the disk in bytes. */
    public long size() {
        return root.coveredLength();
    }

    /** Returns the leaves of the index, in the order of the disk. */
    public Leaves leaves() throws IOException {
        return new Leaves(file, root, 0);
    }

    /**
     * Returns what the disk is made of, in its order, whatever page boundaries part joined; what goes wrong on the way is
     * an {@link java.io.UncheckedIOException}.
     */
    public Iterator<ImageExtent> extents() throws IOException {
        bytes.check();
        return new ExtentIterator(bytes, leaves());
    }

    /** Returns the disk as a device for reading; closing it does nothing. */
    public BlockDevice asDevice() {
        return new ImageDevice(this);
    }

    /** Fills {@code target} from its position to its limit; see {@code Image.read}. */
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

    /** Returns the run of one kind that contains {@code diskOffset}, from there on; see {@code Image.extentAt}. */
    public ImageExtent extentAt(long diskOffset) throws IOException {
        bytes.check();
        if (diskOffset < 0 || diskOffset >= size()) {
            throw new IllegalArgumentException("disk offset " + diskOffset + ", the disk has " + size() + " bytes");
        }
        LeafPage page = leafAt(diskOffset);
        ImageExtent extent = page.extent(page.extentAt(diskOffset));
        return extent.clip(diskOffset, extent.end());
    }

    /** Returns the topmost page of the index as its parent would have it. */
    public InnerPage.Child topmostChild() {
        return new InnerPage.Child(0, root.coveredLength(), root.rootHash(), root.rootPage());
    }

    /** Returns the topmost page of the index. */
    public IndexPage topmostPage() throws IOException {
        return pages.root(file, root);
    }

    /** Returns a page below an inner page. */
    public IndexPage page(InnerPage parent, InnerPage.Child child) throws IOException {
        return pages.child(file, parent, child);
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
            ImageExtent extent = page.extent(i);
            int count = (int) Math.min(target.remaining(), extent.end() - position);
            switch (extent.kind()) {
                case DATA -> readBlocks(page, target, position, count);
                case FILL -> putPattern(target, position, count, extent.detail());
                case ZERO, UNUSED, UNREADABLE -> Zeros.put(target, count);
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

    /** Puts eight bytes over and over, of which the lowest stands at multiples of eight of the disk. */
    private static void putPattern(ByteBuffer target, long diskOffset, int length, long pattern) {
        long turned = Long.rotateRight(pattern, 8 * (int) (diskOffset & 7));
        ByteBuffer little = target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int end = target.position() + length;
        int at = target.position();
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            little.putLong(at, turned);
        }
        for (int shift = 0; at < end; at++, shift += Byte.SIZE) {
            little.put(at, (byte) (turned >>> shift));
        }
        target.position(end);
    }
}
