package io.platter.engine.check;

import io.platter.block.CorruptImageException;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Goes over the records of a file's first image in one pass, and checks that what frames bring to the disk is what the
 * index says, in the end: so a restore that can't seek and one that can give the same bytes.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class OnePass {
    /** What is done with the disk, in the order in which the records ask for it. */
    public interface Disk {
        /** Learns what the disk will be, before its first byte. */
        void announce(ImageRoot root) throws IOException;

        /** Takes a run without data. */
        void run(ImageExtent run) throws IOException;

        /** Copies a block that was written at another place. */
        void copy(LeafPage leaf, int block, long from, long to) throws IOException;

        /** Learns that the index is done up to here. */
        void covered(long diskOffset);
    }

    /** What a root means for the pass. */
    enum Step {
        /** The image goes on. */
        GOES_ON,
        /** The image is complete. */
        COMPLETE,
        /** The image that was begun is not the one that follows: it was given up. */
        GIVEN_UP
    }

    private final String resource;
    private final Disk disk;
    private final BlockPlaces places;
    private Optional<ImageRoot> announced = Optional.empty();
    private Optional<LeafPage> lastLeaf = Optional.empty();
    private long covered;

    /** How many blocks the leaves expect where their frames said; the others are copies. */
    private int blocksInPlace;

    OnePass(String resource, Disk disk) {
        this.resource = resource;
        this.disk = disk;
        this.places = new BlockPlaces(resource);
    }

    /** Tells whether the disk was announced, without which its data can't be taken. */
    boolean isAnnounced() {
        return announced.isPresent();
    }

    /** Takes a frame, of a disk that was announced. */
    void frame(RecordLocation location, BlockTable table) throws IOException {
        places.add(location, table);
        checkInside(places.end(), location);
    }

    /** Takes a page, and does what a leaf says of the disk past the leaves before, if that was announced. */
    void page(RecordLocation location, IndexPage page) throws IOException {
        if (page instanceof LeafPage leaf && leaf.length() > 0) {
            long end = leaf.diskOffset() + leaf.length();
            checkInside(end, location);
            checkAgain(leaf, location);
            if (end > covered) {
                apply(leaf);
                covered = end;
                lastLeaf = Optional.of(leaf);
                places.settle(covered);
                disk.covered(covered);
            }
        }
    }

    private void checkInside(long end, RecordLocation location) throws CorruptImageException {
        long size = announced.map(ImageRoot::diskSize).orElse(0L);
        if (size > 0 && end > size) {
            throw new CorruptImageException(
                    resource, location.packOffset(), "bytes up to disk offset " + end + ", but the disk has " + size);
        }
    }

    /** After a checkpoint the last leaf comes again, longer; what it says of the bytes before must be the same. */
    private void checkAgain(LeafPage leaf, RecordLocation location) throws CorruptImageException {
        if (leaf.diskOffset() == covered) {
            return;
        }
        boolean again = leaf.diskOffset() < covered
                && leaf.end() >= covered
                && lastLeaf.isPresent()
                && lastLeaf.get().diskOffset() == leaf.diskOffset()
                && LeafComparison.agree(lastLeaf.get(), leaf);
        if (!again) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "leaf for disk offset " + leaf.diskOffset() + ", expected one for " + covered
                            + ", or the last one again, with the same content");
        }
    }

    private void apply(LeafPage leaf) throws IOException {
        for (int i = 0; i < leaf.extentCount(); i++) {
            ImageExtent extent = leaf.extent(i);
            if (extent.end() <= covered) {
                continue;
            }
            if (extent.kind() != ImageExtentKind.DATA) {
                disk.run(extent.clip(covered, extent.end()));
                continue;
            }
            long position = extent.offset();
            for (int block = leaf.firstBlock(i); block < leaf.firstBlock(i + 1); block++) {
                if (position >= covered) {
                    apply(leaf, block, position);
                }
                position += leaf.blockLength(block);
            }
        }
    }

    private void apply(LeafPage leaf, int block, long diskOffset) throws IOException {
        int number = places.find(leaf, block);
        long place = places.diskOffset(number);
        if (place == diskOffset) {
            places.confirm(number, leaf, block);
            blocksInPlace++;
        } else {
            disk.copy(leaf, block, place, diskOffset);
        }
    }

    /**
     * Takes a root.
     *
     * @throws CorruptImageException if it is that of a complete image, and what has passed is something else
     */
    Step root(RecordLocation location, ImageRoot root) throws IOException {
        if (announced.isEmpty()) {
            announced = Optional.of(root);
            disk.announce(root);
        } else if (root.coveredLength() < (root.partial() ? Math.max(covered, places.end()) : covered)) {
            return Step.GIVEN_UP;
        } else if (root.partial() && covered == 0 && places.blocks() == 0 && !isAsAnnounced(announced.get(), root)) {
            return Step.GIVEN_UP;
        }
        if (root.partial()) {
            checkAsAnnounced(announced.get(), root, location);
            return Step.GOES_ON;
        }
        checkAsAnnounced(announced.get(), root, location);
        if (covered != root.diskSize()) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "leaves up to disk offset " + covered + " have passed, expected " + root.diskSize());
        }
        if (blocksInPlace != places.blocks()) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    places.blocks() + " blocks have passed, of which the index expects " + blocksInPlace
                            + " where they were written");
        }
        return Step.COMPLETE;
    }

    private void checkAsAnnounced(ImageRoot then, ImageRoot now, RecordLocation location) throws CorruptImageException {
        if (!isAsAnnounced(then, now)) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "disk of " + now.diskSize() + " bytes with sectors of " + sectors(now) + ", announced as one of "
                            + then.diskSize() + " with " + sectors(then));
        }
    }

    private static boolean isAsAnnounced(ImageRoot then, ImageRoot now) {
        boolean sameSize = then.diskSize() == now.diskSize() || (then.partial() && then.diskSize() == 0);
        return sameSize && sectors(then).equals(sectors(now));
    }

    private static List<Integer> sectors(ImageRoot root) {
        ImageRoot.Statement statement = root.statement();
        return List.of(statement.logicalSectorSize(), statement.physicalSectorSize(), statement.contentSectorSize());
    }
}
