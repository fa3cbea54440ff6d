package io.platter;

import io.platter.block.BlockDevice;
import io.platter.engine.read.StoredImage;
import io.platter.image.ImageExtent;
import io.platter.image.ImageInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
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
    private final StoredImage stored;

    Image(StoredImage stored) {
        this.stored = stored;
    }

    /** Returns the image as jobs see it. */
    StoredImage stored() {
        return stored;
    }

    /**
     * Returns what the image says of itself. Reads its properties each time.
     *
     * @throws io.platter.block.CorruptImageException if they are damaged
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public ImageInfo info() throws IOException {
        stored.bytes().check();
        return stored.root().describe(stored.file().properties(stored.root()));
    }

    /** Returns which image of its file it is, from 1. */
    public int number() {
        return stored.root().number();
    }

    /** Returns the size of the disk in bytes. */
    public long size() {
        return stored.size();
    }

    /**
     * Returns what the disk is made of, from its start to its end. Reads the index while the stream is consumed, a page
     * at a time; what goes wrong then is an {@link UncheckedIOException}.
     *
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the first page can't be read
     */
    public Stream<ImageExtent> extents() throws IOException {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(stored.extents(), Spliterator.ORDERED | Spliterator.NONNULL),
                false);
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
        stored.read(target, diskOffset);
    }

    /**
     * Returns the run of one kind that contains a place on the disk, from there on; at most up to the end of a page of the
     * index, so that what follows may be of the same kind.
     *
     * @param diskOffset in bytes, from 0 to less than the disk's size
     * @throws IllegalArgumentException if the place is not on the disk
     * @throws io.platter.block.CorruptImageException if the index is damaged there
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public ImageExtent extentAt(long diskOffset) throws IOException {
        return stored.extentAt(diskOffset);
    }

    /** Returns the disk as a device for reading. Closing it does nothing. */
    public BlockDevice asDevice() {
        return stored.asDevice();
    }

    /** Returns the disk as a channel for reading, with a position of its own. Closing it closes nothing else. */
    public SeekableByteChannel asChannel() {
        return new ImageChannel(stored);
    }

    @Override
    public String toString() {
        return "image " + number() + " of " + stored.file().name();
    }
}
