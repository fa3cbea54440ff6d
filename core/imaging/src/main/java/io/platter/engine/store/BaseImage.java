package io.platter.engine.store;

import io.platter.engine.read.StoredImage;
import io.platter.engine.write.BlockIndex;
import io.platter.engine.write.FrameDirectory;
import io.platter.image.Sha256;
import io.platter.image.codec.InnerPage.Child;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * An earlier image of the same disk: what it has at a place is asked first when the disk is captured again, and what is
 * unchanged asks nobody else.
 *
 * <p>Writer thread only.
 */
final class BaseImage {
    /** So many frames of the base are known by number at a time; one that is met again later gets another number. */
    private static final int MOST_FRAMES = 4096;

    private final StoredImage image;
    private final FrameDirectory frames;
    private final IntPredicate mayUse;
    private final Map<RecordLocation, Long> numbers = new HashMap<>();
    private final PageCursor blocks;
    private final PageCursor pages;

    /** The leaves in which blocks were looked for, until pages for their places are written. */
    private final TreeMap<Long, LeafPage> recent = new TreeMap<>();

    private @Nullable LeafPage leaf;

    /**
     * Takes an image of the same store.
     *
     * @param mayUse tells whether what is in a pack may be used, by its number
     */
    BaseImage(StoredImage image, FrameDirectory frames, IntPredicate mayUse) {
        this.image = image;
        this.frames = frames;
        this.mayUse = mayUse;
        this.blocks = new PageCursor(image);
        this.pages = new PageCursor(image);
    }

    /** Returns the place of a block if the base has it at the same place of the disk, or {@link BlockIndex#NONE}. */
    long find(long diskOffset, byte[] hashes, int at, int length) throws IOException {
        if (diskOffset >= image.size()) {
            return BlockIndex.NONE;
        }
        LeafPage page = leaf;
        if (page == null || diskOffset < page.diskOffset() || diskOffset >= page.end()) {
            page = blocks.leafAt(diskOffset);
            leaf = page;
            recent.put(page.diskOffset(), page);
        }
        if (page.blockCount() == 0) {
            return BlockIndex.NONE;
        }
        int block = page.blockAt(diskOffset);
        if (block < 0
                || page.blockOffset(block) != diskOffset
                || page.blockLength(block) != length
                || !page.hasHash(block, hashes, at)) {
            return BlockIndex.NONE;
        }
        RecordLocation frame = page.frame(page.frameNumber(block));
        return mayUse.test(frame.pack()) ? FrameDirectory.place(numberOf(frame), page.slot(block)) : BlockIndex.NONE;
    }

    /** Takes note of a leaf that is taken as it is. */
    void keep(LeafPage page) {
        recent.put(page.diskOffset(), page);
    }

    /** Returns the number by which a frame is known. */
    long numberOf(RecordLocation frame) {
        if (numbers.size() > MOST_FRAMES) {
            numbers.clear();
        }
        return numbers.computeIfAbsent(frame, frames::addKnown);
    }

    /** Returns the base's leaf of a place if it is the same, and gives what it refers to to {@code used}. */
    @Nullable
    RecordLocation leaf(long diskOffset, Sha256 hash, UsedCells used) throws IOException {
        recent.headMap(diskOffset).clear();
        Child child = same(0, diskOffset, hash);
        if (child == null) {
            return null;
        }
        LeafPage known = recent.get(diskOffset);
        LeafPage page = known != null ? known : pages.leafAt(diskOffset);
        for (int frame = 0; frame < page.frameCount(); frame++) {
            if (!mayUse.test(page.frame(frame).pack())) {
                return null;
            }
        }
        for (int frame = 0; frame < page.frameCount(); frame++) {
            used.add(page.frame(frame));
        }
        return child.location();
    }

    /** Returns the base's inner page of a place if it is the same and has its children at the same places. */
    @Nullable
    RecordLocation inner(int level, List<Child> children, Sha256 hash) throws IOException {
        long diskOffset = children.get(0).diskOffset();
        Child child = same(level, diskOffset, hash);
        return child != null && pages.innerAt(level, diskOffset).children().equals(children) ? child.location() : null;
    }

    private @Nullable Child same(int level, long diskOffset, Sha256 hash) throws IOException {
        if (diskOffset >= image.size() || level > pages.topLevel()) {
            return null;
        }
        Child child = pages.childAt(level, diskOffset);
        boolean same = child.diskOffset() == diskOffset
                && child.hash().equals(hash)
                && mayUse.test(child.location().pack());
        return same ? child : null;
    }
}
