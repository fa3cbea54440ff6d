package io.platter.engine.store;

import io.platter.engine.read.PackNumbers;
import io.platter.engine.read.StoredImage;
import io.platter.engine.write.ImageBuilder;
import io.platter.engine.write.ImageSession;
import io.platter.engine.write.ImageTransfer;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.JobControl;
import io.platter.pack.PackStore;
import java.io.IOException;
import java.util.Optional;

/** Starts images that go to a store of packs. */
public final class StoreSession {
    private StoreSession() {}

    /** Returns how many bytes of direct memory a session takes with so many workers. */
    public static long memory(PackStore store, ImageOptions options, int threads) {
        return ImageSession.memory(options, threads) + packMemory(store);
    }

    /** Returns how many bytes of direct memory the packs take that are being filled or on their way. */
    public static long packMemory(PackStore store) {
        return Uploads.memory(store);
    }

    /**
     * Returns a store as where an image is copied to.
     *
     * @param base an image of the same store that is asked first
     */
    public static ImageTransfer.Target transferTarget(PackStore store, Optional<StoredImage> base, JobControl control)
            throws IOException {
        PackNumbers numbers = numbers(store, base);
        StoreDestination destination = new StoreDestination(store, numbers, 1, control);
        StoreContents contents = new StoreContents(store, numbers, base, destination.used());
        return new ImageTransfer.Target(destination, contents.frames(), contents, contents, destination);
    }

    private static PackNumbers numbers(PackStore store, Optional<StoredImage> base) {
        return base.flatMap(image -> image.file().packNumbers()).orElseGet(() -> new PackNumbers(store));
    }

    /**
     * Starts an image.
     *
     * @param base an earlier image of the disk in the same store
     */
    public static ImageSession open(
            PackStore store, Optional<StoredImage> base, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        PackNumbers numbers = numbers(store, base);
        return ImageSession.inStore(threads -> memory(store, options, threads), disk, options, control, crew -> {
            StoreDestination destination = new StoreDestination(store, numbers, options.level(), control);
            StoreContents contents = new StoreContents(store, numbers, base, destination.used());
            ImageBuilder builder =
                    ImageBuilder.create(destination, contents.frames(), contents, contents, disk, options, crew);
            return new ImageSession.Opened(
                    builder,
                    destination,
                    base.map(
                            image -> new ImageSession.Base(image, frame -> store.mayUse(numbers.apply(frame.pack())))));
        });
    }
}
