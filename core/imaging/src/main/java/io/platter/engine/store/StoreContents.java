package io.platter.engine.store;

import io.platter.block.BlockDevice;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.PackNumbers;
import io.platter.engine.read.StoredImage;
import io.platter.engine.write.BlockIndex;
import io.platter.engine.write.CatalogLoader;
import io.platter.engine.write.FrameDirectory;
import io.platter.engine.write.KnownBlocks;
import io.platter.engine.write.KnownPages;
import io.platter.image.Sha256;
import io.platter.image.codec.InnerPage.Child;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import io.platter.pack.PackStore;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a store has already: asked of the image's base first, then of the lists of all packs, which are loaded when the first
 * block is met that the base has not.
 *
 * <p>Writer thread only.
 */
final class StoreContents implements KnownBlocks, KnownPages {
    private final PackStore store;
    private final PackNumbers numbers;
    private final UsedCells used;
    private final FrameDirectory frames = new FrameDirectory();
    private final BlockIndex blocks = new BlockIndex(new SecureRandom().longs(8).toArray());
    private final Map<Integer, Boolean> usable = new HashMap<>();
    private final Optional<BaseImage> base;
    private boolean loaded;

    /**
     * Creates the contents of a store.
     *
     * @param base an earlier image of the disk, in the same store
     * @param used is told what the image refers to
     */
    StoreContents(PackStore store, PackNumbers numbers, Optional<StoredImage> base, UsedCells used) {
        this.store = store;
        this.numbers = numbers;
        this.used = used;
        this.base = base.map(image -> new BaseImage(image, frames, this::mayUse));
    }

    /** Returns where frames are. */
    FrameDirectory frames() {
        return frames;
    }

    private boolean mayUse(int pack) {
        return usable.computeIfAbsent(pack, number -> store.mayUse(numbers.apply(number)));
    }

    @Override
    public long find(long diskOffset, byte[] hashes, int at, int length) throws IOException {
        long place = base.isPresent() ? base.get().find(diskOffset, hashes, at, length) : BlockIndex.NONE;
        if (place != BlockIndex.NONE) {
            return place;
        }
        if (!loaded) {
            loaded = true;
            load();
        }
        return blocks.find(hashes, at);
    }

    private void load() throws IOException {
        for (BlockDevice list : store.catalogs()) {
            ImageFile file = ImageFile.open(list, numbers);
            new CatalogLoader(file, frame -> mayUse(frame.pack()) ? frames.addKnown(frame) : -1, blocks, page -> {})
                    .load();
        }
    }

    @Override
    public void add(byte[] hashes, int at, long place) {
        blocks.add(hashes, at, place);
    }

    @Override
    public void addUnlessKnown(byte[] hashes, int at, long place) {
        blocks.addUnlessKnown(hashes, at, place);
    }

    @Override
    public void keep(LeafPage leaf) {
        base.orElseThrow().keep(leaf);
    }

    @Override
    public long frameNumber(RecordLocation frame) {
        return base.orElseThrow().numberOf(frame);
    }

    @Override
    public @Nullable RecordLocation leaf(long diskOffset, Sha256 hash) throws IOException {
        return base.isPresent() ? base.get().leaf(diskOffset, hash, used) : null;
    }

    @Override
    public @Nullable RecordLocation inner(int level, List<Child> children, Sha256 hash) throws IOException {
        return base.isPresent() ? base.get().inner(level, children, hash) : null;
    }

    @Override
    public void add(Sha256 hash, RecordLocation location) {
        // Pages are found through the base only: what another one refers to would have to be read.
    }
}
