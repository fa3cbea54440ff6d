package io.platter;

import io.platter.engine.line.Allotment;
import io.platter.engine.store.StoreSession;
import io.platter.engine.write.ImageTransfer;
import io.platter.job.CopyReport;
import io.platter.job.JobControl;
import io.platter.pack.PackStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Copies an image to a file or a store of its own. Frames are copied as they are stored: nothing is decompressed, compressed or
 * hashed, and the image keeps its id, its properties and its statistics. The checksum of each record that is copied is checked;
 * that blocks have their hashes is not: {@link Verify} and every reader see that.
 *
 * <pre>{@code
 * ImageCopy.of(images.image(3)).toNewFile(Path.of("third.platter"));
 * }</pre>
 *
 * <p>Memory: {@link #memory}, and 24 bytes for each block that the target has or gets.
 *
 * <p>Immutable: {@code control} returns another object. It may be run any number of times, also at the same time; each run is
 * independent of the others.
 */
public final class ImageCopy {
    private final Image image;
    private final JobControl control;

    private ImageCopy(Image image, JobControl control) {
        this.image = image;
        this.control = control;
    }

    /**
     * Copies an image; its reader stays open.
     *
     * @throws IllegalArgumentException if the image is unfinished
     */
    public static ImageCopy of(Image image) {
        if (image.stored().root().partial()) {
            throw new IllegalArgumentException(image + " is unfinished, expected a complete one");
        }
        return new ImageCopy(image, JobControl.defaults());
    }

    /** Returns how many bytes of direct memory a copy to a file takes. */
    public static long memory() {
        return ImageTransfer.MEMORY;
    }

    /** Returns this copy under another control. */
    public ImageCopy control(JobControl newControl) {
        return new ImageCopy(image, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this copy with some of its control changed. */
    public ImageCopy control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Copies the image to a new file, in which it is the only one. Until it is complete, the file is called {@code
     * NAME.partial}; if the copy fails, that is deleted. A frame that also has blocks of other images comes with them, so that
     * the file can't be restored from a pipe.
     *
     * @param file must not exist
     * @throws java.nio.file.FileAlreadyExistsException if it does
     * @throws io.platter.block.CorruptImageException if the image is damaged, with its id and the place
     * @throws CancellationException if the copy was cancelled or the thread interrupted
     * @throws IOException if the image can't be read, or the file not be written
     */
    public CopyReport toNewFile(Path file) throws IOException {
        return run(memory(), () -> ImageTransfer.Target.newFile(file, control));
    }

    /**
     * Copies the image to a store of packs. Only frames with blocks travel that the store does not have.
     *
     * @param store takes the image; stays the caller's
     * @param base an image of the same store, opened with its packs, that is asked first for what it has
     * @throws io.platter.block.CorruptImageException if the image is damaged, with its id and the place
     * @throws CancellationException if the copy was cancelled or the thread interrupted
     * @throws IOException if the image can't be read, or the store not be read or written
     */
    public CopyReport to(PackStore store, Optional<Image> base) throws IOException {
        long bytes = memory() + StoreSession.packMemory(store);
        return run(bytes, () -> StoreSession.transferTarget(store, base.map(Image::stored), control));
    }

    private interface Opener {
        ImageTransfer.Target open() throws IOException;
    }

    private CopyReport run(long bytes, Opener opener) throws IOException {
        Allotment allotment = Allotment.take(control, threads -> bytes);
        try (allotment;
                ImageTransfer transfer = new ImageTransfer(image.stored(), opener.open(), control)) {
            return transfer.run();
        }
    }

    @Override
    public String toString() {
        return "ImageCopy[" + image + ", " + control + "]";
    }
}
