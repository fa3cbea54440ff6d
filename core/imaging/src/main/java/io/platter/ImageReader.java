package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.FileDevice;
import io.platter.block.ImageFormatException;
import io.platter.block.OpenMode;
import io.platter.engine.read.ChannelDevice;
import io.platter.engine.read.FrameSource;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.OpenFile;
import io.platter.engine.read.PackNumbers;
import io.platter.engine.read.PageCache;
import io.platter.engine.read.StoredImage;
import io.platter.image.FileEnd;
import io.platter.image.FileId;
import io.platter.image.NoSuchImageException;
import io.platter.image.Sha256;
import io.platter.image.codec.ImageRoot;
import io.platter.pack.PackSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the images of a file. Opening reads the file's first and last kilobytes, however many images there are; their roots,
 * indexes and properties are read when they are asked for. Of a file that does not end with a commit, what follows the last one
 * is looked through.
 *
 * <p>A file may be torn or damaged and still hold images that can be read: {@link #end()} tells, and whoever shows the
 * images to somebody shows that, too.
 *
 * <p>Safe for use by several threads; an interrupt of one of them does not touch the others, if the reader was opened by a
 * path. {@link #close()} waits for no method of this class; what reads after it throws {@link
 * java.nio.channels.ClosedChannelException}.
 */
public final class ImageReader implements Closeable {
    private final OpenFile bytes;
    private final ImageFile file;
    private final FrameSource frames;
    private final PageCache pages = new PageCache();
    private final Map<Integer, Image> images = new ConcurrentHashMap<>();

    private ImageReader(OpenFile bytes, ImageFile file, ReadOptions options) {
        this.bytes = bytes;
        this.file = file;
        this.frames = new FrameSource(options.cacheSize());
    }

    private Image image(ImageRoot root) {
        return new Image(new StoredImage(bytes, file, root, pages, frames));
    }

    /**
     * Opens a file with the default {@link ReadOptions}.
     *
     * @throws io.platter.block.CorruptImageException if it is no image file, or holds no commit
     * @throws io.platter.block.UnsupportedImageException if it has features that this version lacks
     * @throws IOException if it can't be read
     */
    public static ImageReader open(Path image) throws IOException {
        return open(image, ReadOptions.defaults());
    }

    /**
     * Opens a file.
     *
     * @throws io.platter.block.ImageFormatException as {@link #open(Path)}
     * @throws IOException if it can't be read
     */
    public static ImageReader open(Path image, ReadOptions options) throws IOException {
        Objects.requireNonNull(options, "options");
        OpenFile file = OpenFile.closing(FileDevice.open(image, OpenMode.READ));
        try {
            return new ImageReader(file, ImageFile.open(file), options);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens the bytes of a file wherever they are, such as a remote object: several threads read ranges of it at once.
     *
     * @param image does not change while the reader is open; stays open when the reader is closed
     * @throws io.platter.block.ImageFormatException as {@link #open(Path)}
     * @throws IOException if it can't be read
     */
    public static ImageReader open(BlockDevice image) throws IOException {
        return open(image, ReadOptions.defaults());
    }

    /**
     * Opens the bytes of a file wherever they are.
     *
     * @param image does not change while the reader is open; stays open when the reader is closed
     * @throws io.platter.block.ImageFormatException as {@link #open(Path)}
     * @throws IOException if it can't be read
     */
    public static ImageReader open(BlockDevice image, ReadOptions options) throws IOException {
        OpenFile file = OpenFile.of(image);
        return new ImageReader(file, ImageFile.open(file), Objects.requireNonNull(options, "options"));
    }

    /**
     * Opens the bytes of a manifest: a file with an image whose blocks are in other packs.
     *
     * @param manifest does not change while the reader is open; stays open when the reader is closed
     * @param packs gives the packs that it names; stays the caller's
     * @throws io.platter.block.ImageFormatException as {@link #open(Path)}
     * @throws IOException if it can't be read
     */
    public static ImageReader open(BlockDevice manifest, PackSource packs, ReadOptions options) throws IOException {
        OpenFile file = OpenFile.of(manifest);
        PackNumbers numbers = new PackNumbers(Objects.requireNonNull(packs, "packs"));
        return new ImageReader(file, ImageFile.open(file, numbers), Objects.requireNonNull(options, "options"));
    }

    /**
     * Opens the bytes of a file that a channel gives; {@link #open(BlockDevice)} lets several threads read at once.
     *
     * @param image stays open when the reader is closed; used by one thread at a time. One that an interrupt closes, such
     *     as a {@link java.nio.channels.FileChannel}, is lost to all threads when one that reads is interrupted
     * @throws io.platter.block.ImageFormatException as {@link #open(Path)}
     * @throws IOException if it can't be read
     */
    public static ImageReader open(SeekableByteChannel image) throws IOException {
        return open(new ChannelDevice(Objects.requireNonNull(image, "image")));
    }

    /**
     * Tells whether a file says of itself that it holds images, by its magic.
     *
     * @throws IOException if it can't be read
     */
    public static boolean matches(BlockDevice file) throws IOException {
        return ImageFile.matches(file);
    }

    /**
     * Returns how the file ends: whether all of its bytes count, and if not, why. A file that is {@link
     * FileEnd.State#CLEAN} may be damaged elsewhere; {@link Verify} tells.
     */
    public FileEnd end() {
        return file.end();
    }

    /** Returns the id of the file, which it has from its first byte on and which its commits repeat. */
    public FileId fileId() {
        return file.header().fileId();
    }

    /**
     * Returns the hash of the file's newest commit. It stands for all images of the file and for their order: whoever has
     * kept an earlier one sees with it that a file was rolled back or exchanged.
     */
    public Sha256 commitHash() {
        return file.commit().hash();
    }

    /** Returns how many complete images there are, whether they can be read or not; their numbers start at 1. */
    public int imageCount() {
        return file.imageCount();
    }

    /**
     * Returns the complete images that can be read, the oldest first. Reads the roots of all of them.
     *
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public List<Image> images() throws IOException {
        List<Image> readable = new ArrayList<>();
        for (int number = 1; number <= imageCount(); number++) {
            try {
                readable.add(image(number));
            } catch (ImageFormatException e) {
                // One of the others: see unreadableImages().
            }
        }
        return List.copyOf(readable);
    }

    /**
     * Returns the complete images that can't be read, by their number, with the reason. Reads the roots of all images.
     *
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public SortedMap<Integer, ImageFormatException> unreadableImages() throws IOException {
        TreeMap<Integer, ImageFormatException> unreadable = new TreeMap<>();
        for (int number = 1; number <= imageCount(); number++) {
            try {
                image(number);
            } catch (ImageFormatException e) {
                unreadable.put(number, e);
            }
        }
        return Collections.unmodifiableSortedMap(unreadable);
    }

    /**
     * Returns an image by its number.
     *
     * @param number from 1
     * @throws NoSuchImageException if the file has no such image
     * @throws io.platter.block.CorruptImageException if the image's root is damaged, or can't be found
     * @throws io.platter.block.UnsupportedImageException if the image has features that this version lacks
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     */
    public Image image(int number) throws IOException {
        bytes.check();
        Image known = images.get(number);
        if (known != null) {
            return known;
        }
        if (number < 1 || number > imageCount()) {
            throw new NoSuchImageException("no image " + number + " in " + file.name() + ": " + numbers());
        }
        try {
            ImageRoot root = file.root(number);
            Image image = image(root);
            images.put(number, image);
            return image;
        } catch (CorruptImageException e) {
            CorruptImageException named = new CorruptImageException(
                    file.name(), e.offset(), "image " + number + " can't be read: " + e.detail() + "; " + numbers());
            named.initCause(e);
            throw named;
        }
    }

    /**
     * Returns an image by its id, or by the first digits of it.
     *
     * @param idPrefix 1 to 64 hexadecimal digits, in lower or upper case
     * @throws IllegalArgumentException if these are no digits, or too many
     * @throws NoSuchImageException if no image has such an id, or more than one
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     * @throws IOException if the file can't be read
     */
    public Image image(String idPrefix) throws IOException {
        String digits = idPrefix.toLowerCase(Locale.ROOT);
        if (!digits.matches("[0-9a-f]{1,64}")) {
            throw new IllegalArgumentException("image id " + idPrefix + ", expected 1 to 64 hexadecimal digits");
        }
        List<Image> found = new ArrayList<>();
        for (Image image : images()) {
            if (image.stored().root().id().toString().startsWith(digits)) {
                found.add(image);
            }
        }
        if (found.size() != 1) {
            throw new NoSuchImageException((found.isEmpty() ? "no image" : found.size() + " images")
                    + " whose id starts with " + digits + " in " + file.name() + ": " + numbers());
        }
        return found.get(0);
    }

    private String numbers() {
        return switch (imageCount()) {
            case 0 -> "it holds no complete image yet";
            case 1 -> "it holds image 1";
            default -> "it holds the images 1 to " + imageCount();
        };
    }

    /**
     * Returns the newest image. If it can't be read, or if newer ones may follow damage that hides them, an older one is
     * never given in its place: ask for that by its number.
     *
     * @throws NoSuchImageException if the file has no complete image yet
     * @throws io.platter.block.CorruptImageException if the newest image's root is damaged, or can't be reached
     * @throws io.platter.block.UnsupportedImageException if the newest image has features that this version lacks
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     */
    public Image newestImage() throws IOException {
        bytes.check();
        if (file.hidesImages()) {
            throw new CorruptImageException(
                    file.name(),
                    file.end().offset(),
                    "the newest images can't be reached: " + file.end().detail() + "; " + numbers()
                            + ", to be asked for by number");
        }
        if (file.imageCount() == 0) {
            throw new NoSuchImageException("no image in " + file.name() + ": it holds no complete image yet");
        }
        return image(file.imageCount());
    }

    /**
     * Returns the image that is still being written, up to its last checkpoint, if there is one.
     *
     * @throws io.platter.block.CorruptImageException if its root is damaged
     * @throws java.nio.channels.ClosedChannelException if the reader is closed
     */
    public Optional<Image> unfinishedImage() throws IOException {
        bytes.check();
        return file.partialRoot().map(this::image);
    }

    ImageFile file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        try {
            bytes.close();
        } finally {
            frames.close();
        }
    }

    /** Returns the name of the file. */
    @Override
    public String toString() {
        return file.name();
    }
}
