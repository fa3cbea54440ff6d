package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.format.ImageRoot;
import io.platter.format.RecordHeader;
import io.platter.pipeline.ChannelDevice;
import io.platter.pipeline.FrameCache;
import io.platter.pipeline.ImageFile;
import io.platter.pipeline.PageCache;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads the images of a file. Opening reads the file's first and last kilobytes and the images' roots; an index is read
 * when it is touched.
 *
 * <p>Safe for use by several threads. {@link #close()} waits for nobody; whoever still reads gets an exception.
 */
public final class ImageReader implements Closeable {
    private final BlockDevice bytes;
    private final ImageFile file;
    private final FrameCache frames = new FrameCache();
    private final PageCache pages = new PageCache();
    private final List<Image> images = new ArrayList<>();

    ImageReader(BlockDevice bytes) throws IOException {
        this.bytes = bytes;
        this.file = ImageFile.open(bytes);
        for (ImageRoot root : file.roots()) {
            images.add(image(root));
        }
    }

    private Image image(ImageRoot root) throws IOException {
        return new Image(file, root, file.properties(root), pages, frames);
    }

    /**
     * Opens a file.
     *
     * @throws io.platter.block.CorruptImageException if it holds no commit, or its images' roots are damaged
     * @throws io.platter.block.UnsupportedImageException if it has features that this version lacks
     * @throws IOException if it can't be read
     */
    public static ImageReader open(Path image) throws IOException {
        FileDevice file = FileDevice.open(image, OpenMode.READ);
        try {
            return new ImageReader(file);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens the bytes of a file that a channel gives, such as a range of a larger file or a remote object.
     *
     * @param image stays open when the reader is closed; used by one thread at a time
     * @throws io.platter.block.ImageFormatException as {@link #open(Path)}
     * @throws IOException if it can't be read
     */
    public static ImageReader open(SeekableByteChannel image) throws IOException {
        return new ImageReader(new ChannelDevice(Objects.requireNonNull(image, "image")));
    }

    /**
     * Tells whether a file says of itself that it holds images, by its magic.
     *
     * @throws IOException if it can't be read
     */
    public static boolean matches(BlockDevice file) throws IOException {
        if (file.size() < RecordHeader.LENGTH) {
            return false;
        }
        ByteBuffer start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(start, 0);
        return start.getInt(0) == RecordHeader.MAGIC;
    }

    /** Returns the complete images, the oldest first. */
    public List<Image> images() {
        return List.copyOf(images);
    }

    /**
     * Returns an image by its number.
     *
     * @param number from 1
     * @throws IllegalArgumentException if the file has no such image
     */
    public Image image(int number) {
        if (number < 1 || number > images.size()) {
            throw new IllegalArgumentException(
                    "image " + number + ", " + file.name() + " has " + images.size() + " images");
        }
        return images.get(number - 1);
    }

    /**
     * Returns the newest image.
     *
     * @throws IllegalArgumentException if the file has none yet
     */
    public Image newestImage() {
        return image(images.size());
    }

    /** Returns the image that is still being written, up to its last checkpoint, if there is one. */
    public Optional<Image> unfinishedImage() throws IOException {
        Optional<ImageRoot> root = file.partialRoot();
        return root.isPresent() ? Optional.of(image(root.get())) : Optional.empty();
    }

    ImageFile file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        frames.close();
        bytes.close();
    }
}
