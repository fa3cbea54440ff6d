package io.platter.pipeline;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.format.BlockTable;
import io.platter.format.Commit;
import io.platter.format.FileHeader;
import io.platter.format.ImageProperties;
import io.platter.format.ImageRoot;
import io.platter.format.IndexPage;
import io.platter.format.InnerPage;
import io.platter.format.LeafPage;
import io.platter.format.Limits;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader.StoredRecord;
import io.platter.format.RecordType;
import io.platter.format.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Checks all records of a file, one after the other, as far as the content of frames need not be decoded for it. A
 * verification and a restore in one pass look through the same eyes, so that neither takes what the other refuses.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class RecordCheck {
    private final String resource;
    private final RecordOrder order;

    /** The pass over the first image, until that is complete or turns out to be none that one pass can restore. */
    private Optional<OnePass> onePass;

    private Optional<ImageRoot> firstImage = Optional.empty();
    private boolean needsSeeking;

    RecordCheck(String resource, OnePass.Disk disk) {
        this.resource = resource;
        this.order = new RecordOrder(resource);
        this.onePass = Optional.of(new OnePass(resource, disk));
    }

    /** Returns a check of a file of which nothing is restored. */
    public static RecordCheck withoutDisk(String resource) {
        return new RecordCheck(resource, new OnePass.Disk() {
            @Override
            public void announce(ImageRoot root) {}

            @Override
            public void run(io.platter.block.Extent run) {}

            @Override
            public void copy(LeafPage leaf, int block, long from, long to) {}

            @Override
            public void covered(long diskOffset) {}
        });
    }

    /** Returns how many complete images there were. */
    public int images() {
        return order.images();
    }

    /** Returns the root of the first complete image, once it has passed. */
    Optional<ImageRoot> firstImage() {
        return firstImage;
    }

    /**
     * Tells whether the first complete image is none that one pass can restore: it was not announced, or an unfinished one
     * before it was given up.
     */
    boolean needsSeeking() {
        return needsSeeking;
    }

    /**
     * Checks a header, before its record is read.
     *
     * @throws CorruptImageException if there may be no such record here
     * @throws UnsupportedImageException if only a later version of the format has such records
     */
    public void header(long imageOffset, RecordHeader header) throws CorruptImageException, UnsupportedImageException {
        RecordType.check(header.type(), resource, imageOffset);
        if ((imageOffset == 0) != header.is(RecordType.FILE)) {
            throw new CorruptImageException(
                    resource,
                    imageOffset,
                    "record of type " + header.type()
                            + (imageOffset == 0
                                    ? ", expected a file header"
                                    : ", expected anything but a file header"));
        }
        if (header.recordLength() > longest(header)) {
            throw new CorruptImageException(
                    resource,
                    imageOffset,
                    "record of type " + header.type() + " and " + header.recordLength() + " bytes, expected at most "
                            + longest(header));
        }
        boolean withoutTable =
                header.is(RecordType.PAGE) || header.is(RecordType.PROPERTIES) || header.is(RecordType.PADDING);
        if (withoutTable && header.tableLength() > 0) {
            throw new CorruptImageException(
                    resource,
                    imageOffset,
                    "table of " + header.tableLength() + " bytes in a record of type " + header.type()
                            + ", expected none");
        }
    }

    /** Returns the most bytes of a record of a type, as far as the format limits it. */
    private static long longest(RecordHeader header) {
        if (header.is(RecordType.PAGE)) {
            return RecordHeader.LENGTH + Limits.MAX_PAGE;
        }
        if (header.is(RecordType.PROPERTIES)) {
            return RecordHeader.LENGTH + Limits.MAX_PROPERTIES;
        }
        if (header.is(RecordType.IMAGE)) {
            return ImageRoot.MAX_LENGTH;
        }
        return header.is(RecordType.FILE) ? FileHeader.LENGTH : Long.MAX_VALUE;
    }

    /** Tells whether the tables of frames are needed: those of the first image. */
    public boolean needsTables() {
        return onePass.isPresent();
    }

    /** Checks a frame's table. */
    public void frame(RecordLocation location, RecordHeader header, ByteBuffer table) throws IOException {
        BlockTable blocks = BlockTable.decode(table, header, resource, location.imageOffset());
        if (takesData()) {
            onePass.orElseThrow().frame(location, blocks);
        }
    }

    /** Checks any other record, with its checksums. */
    public void record(StoredRecord record) throws IOException {
        record.checkedPayload();
        RecordHeader header = record.header();
        RecordLocation location = record.location();
        if (header.is(RecordType.FILE)) {
            FileHeader.decode(
                    ByteReader.of(record.table(), ByteOrder.LITTLE_ENDIAN, resource, RecordHeader.LENGTH), resource);
            checkZeros(record.decodedPayload(FileHeader.LENGTH), location);
        } else if (header.is(RecordType.PAGE)) {
            page(location, IndexPage.decode(record.decodedPayload(Limits.MAX_PAGE), resource, location.imageOffset()));
        } else if (header.is(RecordType.PROPERTIES)) {
            properties(location, record.decodedPayload(Limits.MAX_PROPERTIES));
        } else if (header.is(RecordType.IMAGE)) {
            root(
                    location,
                    ImageRoot.decode(
                            record.table(),
                            record.decodedPayload(ImageRoot.MAX_LENGTH),
                            resource,
                            location.imageOffset()));
        } else if (header.is(RecordType.COMMIT)) {
            commit(record);
        } else if (header.is(RecordType.PADDING)) {
            checkZeros(record.decodedPayload(header.plainLength()), location);
        }
    }

    private void page(RecordLocation location, IndexPage page) throws IOException {
        if (page instanceof InnerPage inner) {
            for (InnerPage.Child child : inner.children()) {
                checkBefore(child.location(), location, "page");
            }
        } else if (page instanceof LeafPage leaf) {
            for (int frame = 0; frame < leaf.frameCount(); frame++) {
                checkBefore(leaf.frame(frame), location, "frame");
            }
        }
        boolean holdsData = page.level() == 0 && page.length() > 0;
        if (holdsData ? takesData() : onePass.isPresent()) {
            onePass.orElseThrow().page(location, page);
        }
    }

    /** Tells whether there is a pass that can take data; one to which no disk was announced can't, and ends. */
    private boolean takesData() {
        if (onePass.isPresent() && !onePass.get().isAnnounced()) {
            needsSeeking = true;
            onePass = Optional.empty();
        }
        return onePass.isPresent();
    }

    private void properties(RecordLocation location, ByteBuffer plain) throws CorruptImageException {
        ImageProperties.decode(ByteReader.of(plain, ByteOrder.LITTLE_ENDIAN, resource, location.imageOffset()));
        if (onePass.isPresent()) {
            onePass.get().properties(location, Sha256.of(plain));
        }
    }

    private void root(RecordLocation location, ImageRoot root) throws IOException {
        order.take(root, location);
        checkBefore(root.rootPage(), location, "page");
        checkBefore(root.properties(), location, "properties");
        root.checkReadable(resource);
        if (onePass.isPresent()) {
            OnePass.Step step = onePass.get().root(location, root);
            needsSeeking |= step == OnePass.Step.GIVEN_UP;
            if (step == OnePass.Step.COMPLETE) {
                firstImage = Optional.of(root);
            }
            if (step != OnePass.Step.GOES_ON) {
                onePass = Optional.empty();
            }
        }
    }

    private void commit(StoredRecord record) throws CorruptImageException {
        ByteBuffer whole = ByteBuffer.allocate(Commit.LENGTH);
        if (record.location().length() != Commit.LENGTH) {
            throw new CorruptImageException(
                    resource,
                    record.location().imageOffset(),
                    "commit of " + record.location().length() + " bytes, expected " + Commit.LENGTH);
        }
        record.header().encode(whole);
        whole.put(record.table().duplicate()).put(record.payload().duplicate());
        order.take(Commit.decode(whole.flip(), resource, record.location().imageOffset()));
    }

    private void checkBefore(RecordLocation what, RecordLocation here, String name) throws CorruptImageException {
        if (what.isPresent() && what.imageOffset() > here.imageOffset() - what.length()) {
            throw new CorruptImageException(
                    resource,
                    here.imageOffset(),
                    name + " of " + what.length() + " bytes at offset " + what.imageOffset()
                            + ", expected before here");
        }
    }

    private void checkZeros(ByteBuffer padding, RecordLocation location) throws CorruptImageException {
        while (padding.hasRemaining()) {
            if (padding.get() != 0) {
                throw new CorruptImageException(
                        resource, location.imageOffset(), "payload that is not zeros, expected only zeros");
            }
        }
    }
}
