package io.platter.engine.store;

import io.platter.engine.read.PackNumbers;
import io.platter.engine.read.StoredImage;
import io.platter.engine.write.ImageBuilder;
import io.platter.engine.write.ImageSession;
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
        return ImageSession.memory(options, threads) + Uploads.memory(store);
    }

    /**
     * Starts an image.
     *
     * @param base an earlier image of the disk in the same store
     */
    public static ImageSession open(
            PackStore store, Optional<StoredImage> base, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        PackNumbers numbers = base.flatMap(image -> image.file().packNumbers()).orElseGet(() -> new PackNumbers(store));
        return ImageSession.inStore(threads -> memory(store, options, threads), disk, options, control, crew -> {
            StoreDestination destination = new StoreDestination(store, numbers, options.level(), control);
            StoreContents contents = new StoreContents(store, numbers, base, destination.used());
            ImageBuilder builder =
                    ImageBuilder.create(destination, contents.frames(), contents, contents, disk, options, crew);
            return new ImageSession.Opened(builder, destination);
        });
    }
}
