package io.platter.pipeline;

import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.format.BlockTable;
import io.platter.format.ImageRoot;
import io.platter.format.IndexPage;
import io.platter.format.InnerPage;
import io.platter.format.LeafPage;
import io.platter.format.RecordLocation;
import io.platter.format.Sha256;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Goes over the records of a file's first image in one pass, and checks that what frames bring to the disk is what the
 * index says, in the end: so a restore that can't seek and one that can give the same bytes.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class OnePass {
    /** What is done with the disk, in the order in which the records ask for it. */
    interface Disk {
        /** Learns what the disk will be, before its first byte. */
        void announce(ImageRoot root) throws IOException;

        /** Takes a run without data. */
        void run(Extent run) throws IOException;

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

    /** A page that has passed; of an inner page with what is below it. */
    private record Passed(int level, InnerPage.Child page, Optional<InnerPage> inner) {}

    private final String resource;
    private final Disk disk;
    private final BlockPlaces places;
    private final Map<Long, Passed> pages = new HashMap<>();
    private final Map<Long, Sha256> properties = new HashMap<>();
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

    /** Takes the hash of properties. */
    void properties(RecordLocation location, Sha256 hash) {
        properties.put(location.imageOffset(), hash);
    }

    /** Takes a page, and does what a leaf says of the disk past the leaves before, if that was announced. */
    void page(RecordLocation location, IndexPage page) throws IOException {
        InnerPage.Child child = new InnerPage.Child(page.diskOffset(), page.length(), page.hash(), location);
        Optional<InnerPage> inner = page instanceof InnerPage found ? Optional.of(found) : Optional.empty();
        pages.put(location.imageOffset(), new Passed(page.level(), child, inner));
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
                    resource, location.imageOffset(), "bytes up to disk offset " + end + ", but the disk has " + size);
        }
    }

    /** After a checkpoint the last leaf comes again, longer; what it says of the bytes before must be the same. */
    private void checkAgain(LeafPage leaf, RecordLocation location) throws CorruptImageException {
        if (leaf.diskOffset() == covered) {
            return;
        }
        boolean again = leaf.diskOffset() < covered
                && lastLeaf.isPresent()
                && lastLeaf.get().diskOffset() == leaf.diskOffset()
                && LeafComparison.agree(lastLeaf.get(), leaf);
        if (!again) {
            throw new CorruptImageException(
                    resource,
                    location.imageOffset(),
                    "leaf for disk offset " + leaf.diskOffset() + ", expected one for " + covered
                            + ", or the last one again, with the same content");
        }
    }

    private void apply(LeafPage leaf) throws IOException {
        for (int i = 0; i < leaf.extentCount(); i++) {
            Extent extent = leaf.extent(i);
            if (extent.end() <= covered) {
                continue;
            }
            if (extent.kind() != ExtentKind.DATA) {
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
        } else if (root.coveredLength() < covered) {
            return Step.GIVEN_UP;
        }
        if (root.partial()) {
            checkAsAnnounced(announced.get(), root, location);
            return Step.GOES_ON;
        }
        checkTree(new InnerPage.Child(0, root.diskSize(), root.rootHash(), root.rootPage()), -1, location);
        checkAsAnnounced(announced.get(), root, location);
        checkProperties(root, location);
        if (covered != root.diskSize()) {
            throw new CorruptImageException(
                    resource,
                    location.imageOffset(),
                    "leaves up to disk offset " + covered + " have passed, expected " + root.diskSize());
        }
        if (blocksInPlace != places.blocks()) {
            throw new CorruptImageException(
                    resource,
                    location.imageOffset(),
                    places.blocks() + " blocks have passed, of which the index expects " + blocksInPlace
                            + " where they were written");
        }
        return Step.COMPLETE;
    }

    private void checkAsAnnounced(ImageRoot then, ImageRoot now, RecordLocation location) throws CorruptImageException {
        boolean sameSize = then.diskSize() == now.diskSize() || (then.partial() && then.diskSize() == 0);
        if (!sameSize
                || then.logicalSectorSize() != now.logicalSectorSize()
                || then.physicalSectorSize() != now.physicalSectorSize()) {
            throw new CorruptImageException(
                    resource,
                    location.imageOffset(),
                    "disk of " + now.diskSize() + " bytes with sectors of " + now.logicalSectorSize() + " and "
                            + now.physicalSectorSize() + ", announced as one of " + then.diskSize() + " with "
                            + then.logicalSectorSize() + " and " + then.physicalSectorSize());
        }
    }

    private void checkProperties(ImageRoot root, RecordLocation location) throws CorruptImageException {
        Sha256 passed = properties.get(root.properties().imageOffset());
        if (root.properties().isPresent() && (passed == null || !passed.equals(root.propertiesHash()))) {
            throw new CorruptImageException(
                    resource,
                    location.imageOffset(),
                    "no properties with the hash " + root.propertiesHash() + " have passed at offset "
                            + root.properties().imageOffset());
        }
    }

    /** Checks that the pages that passed are those of the image. */
    private void checkTree(InnerPage.Child expected, int level, RecordLocation root) throws CorruptImageException {
        Passed passed = pages.get(expected.location().imageOffset());
        if (passed == null) {
            throw new CorruptImageException(
                    resource,
                    root.imageOffset(),
                    "the page for " + expected.length() + " bytes at disk offset " + expected.diskOffset()
                            + " has not passed at offset " + expected.location().imageOffset());
        }
        InnerPage.Child page = passed.page();
        if (!page.hash().equals(expected.hash())) {
            throw new CorruptImageException(
                    resource,
                    page.location().imageOffset(),
                    "page hash " + page.hash() + ", expected " + expected.hash());
        }
        if (!page.equals(expected) || (level >= 0 && passed.level() != level)) {
            throw new CorruptImageException(
                    resource,
                    page.location().imageOffset(),
                    "index for " + page.length() + " bytes at disk offset " + page.diskOffset() + " in a record of "
                            + page.location().length() + ", expected " + expected.length() + " at "
                            + expected.diskOffset() + " in one of "
                            + expected.location().length());
        }
        if (passed.inner().isPresent()) {
            for (InnerPage.Child child : passed.inner().get().children()) {
                checkTree(child, passed.level() - 1, root);
            }
        }
    }
}
