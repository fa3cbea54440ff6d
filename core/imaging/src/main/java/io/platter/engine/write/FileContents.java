package io.platter.engine.write;

import io.platter.engine.read.ImageFile;
import io.platter.image.codec.ImageRoot;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Optional;

/** What a writer knows of an image file: its frames, blocks and pages, all of them from the start. */
final class FileContents {
    private final FrameDirectory frames = new FrameDirectory();
    private final BlockIndex blocks = new BlockIndex(new SecureRandom().longs(8).toArray());
    private final FileDestination destination;

    private FileContents(FileDestination destination) {
        this.destination = destination;
    }

    /**
     * Returns a file as where an image goes.
     *
     * @param existing what the file holds, unless it is new
     * @param partial the image that is resumed
     */
    static ImageBuilder.Store store(
            FileDestination destination, Optional<ImageFile> existing, Optional<ImageRoot> partial) {
        FileContents contents = new FileContents(destination);
        ImageBuilder.Loader loader = index -> {
            if (existing.isPresent()) {
                contents.load(existing.get(), partial, index);
            }
        };
        return new ImageBuilder.Store(
                destination, contents.frames, KnownBlocks.of(contents.blocks), KnownPages.byHash(), loader);
    }

    private void load(ImageFile existing, Optional<ImageRoot> partial, IndexWriter index) throws IOException {
        ImageFileLoader loader = new ImageFileLoader(existing, frames, blocks, index);
        CatalogLoader list =
                new CatalogLoader(existing, frames::add, blocks, page -> index.know(page.hash(), page.location()));
        if (existing.uncommittedImage().isEmpty() && list.load()) {
            destination.catalog().listed(list.listed());
        } else {
            destination.catalog().giveUp();
            for (int number = 1; number <= existing.imageCount(); number++) {
                loader.load(existing.root(number));
            }
            Optional<ImageRoot> unfinished = existing.partialRoot();
            if (unfinished.isPresent()) {
                loader.load(unfinished.get());
            }
        }
        if (partial.isPresent()) {
            loader.resume(partial.get());
        }
        frames.loaded();
    }
}
