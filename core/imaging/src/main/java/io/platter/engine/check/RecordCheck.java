package io.platter.engine.check;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.ImageExtent;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Catalog;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.HashDomain;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.Packs;
import io.platter.image.codec.Padding;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
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
    private final PassedPages pages;
    private final Map<RecordLocation, Sha256> properties = new HashMap<>();

    /** Whether what has passed is remembered beyond the pass over the first image. */
    private final boolean remembersAll;

    /** The pass over the first image, until that is complete or turns out to be none that one pass can restore. */
    private Optional<OnePass> onePass;

    private Optional<ImageRoot> firstImage = Optional.empty();
    private boolean needsSeeking;

    public RecordCheck(String resource, OnePass.Disk disk) {
        this(resource, disk, false);
    }

    private RecordCheck(String resource, OnePass.Disk disk, boolean remembersAll) {
        this.resource = resource;
        this.order = new RecordOrder(resource);
        this.pages = new PassedPages(resource);
        this.remembersAll = remembersAll;
        this.onePass = Optional.of(new OnePass(resource, disk));
    }

    /** Returns a check of a file of which nothing is restored. */
    public static RecordCheck withoutDisk(String resource) {
        return new RecordCheck(
                resource,
                new OnePass.Disk() {
                    @Override
                    public void announce(ImageRoot root) {}

                    @Override
                    public void run(ImageExtent run) {}

                    @Override
                    public void copy(LeafPage leaf, int block, long from, long to) {}

                    @Override
                    public void covered(long diskOffset) {}
                },
                true);
    }

    /** Returns the pages that have passed. */
    PassedPages pages() {
        return pages;
    }

    /** Returns how many complete images there were. */
    public int images() {
        return order.images();
    }

    /** Returns the root of the first complete image, once it has passed. */
    public Optional<ImageRoot> firstImage() {
        return firstImage;
    }

    /**
     * Tells whether the first complete image is none that one pass can restore: it was not announced, or an unfinished one
     * before it was given up.
     */
    public boolean needsSeeking() {
        return needsSeeking;
    }

    /**
     * Checks a header, before its record is read.
     *
     * @throws CorruptImageException if there may be no such record here
     */
    public void header(long packOffset, RecordHeader header) throws CorruptImageException {
        order.check(header, packOffset);
        if (header.recordLength() > longest(header)) {
            throw new CorruptImageException(
                    resource,
                    packOffset,
                    "record of type " + header.type() + " and " + header.recordLength() + " bytes, expected at most "
                            + longest(header));
        }
    }

    /** Returns the most bytes of a record of a type, as far as the format limits it. */
    private static long longest(RecordHeader header) {
        if (header.is(RecordType.PAGE)) {
            return IndexPage.MAX_LENGTH;
        }
        if (header.is(RecordType.PROPERTIES)) {
            return RecordSeal.TABLE_START + Limits.MAX_PROPERTIES;
        }
        if (header.is(RecordType.IMAGE)) {
            return ImageRoot.MAX_LENGTH;
        }
        if (header.is(RecordType.DIRECTORY)) {
            return DirectoryPage.MAX_LENGTH;
        }
        if (header.is(RecordType.CATALOG)) {
            return Catalog.MAX_LENGTH;
        }
        return header.is(RecordType.FILE) ? FileHeader.LENGTH : Long.MAX_VALUE;
    }

    /** Tells whether both copies of a commit have passed for all that has passed. */
    public boolean isCommitted() {
        return order.isCommitted();
    }

    /** Checks a record, with its checksums; of a frame all but the content. */
    public void record(StoredRecord record) throws IOException {
        RecordHeader header = record.header();
        RecordLocation location = record.location();
        if (header.is(RecordType.FRAME)) {
            frame(location, BlockTable.decode(record));
        } else if (header.is(RecordType.FILE)) {
            FileHeader file = FileHeader.decode(record);
            file.features().checkStandsAlone(resource);
            order.take(file, location);
        } else if (header.is(RecordType.PAGE)) {
            page(location, IndexPage.decode(record, Packs.none()));
        } else if (header.is(RecordType.PROPERTIES)) {
            properties(location, record.withoutTable().decodedPayload(Limits.MAX_PROPERTIES));
        } else if (header.is(RecordType.IMAGE)) {
            root(location, ImageRoot.decode(record, Packs.none()));
        } else if (header.is(RecordType.COMMIT)) {
            order.take(Commit.decode(record), location);
        } else if (header.is(RecordType.PADDING)) {
            Padding.check(record.withoutTable());
        } else if (header.is(RecordType.DIRECTORY)) {
            order.take(DirectoryPage.decode(record), location);
        } else if (header.is(RecordType.CATALOG)) {
            Catalog.decode(record, Packs.none());
        }
    }

    /** Checks a frame, all but its content. */
    void frame(RecordLocation location, BlockTable blocks) throws IOException {
        if (takesData()) {
            onePass.orElseThrow().frame(location, blocks);
        }
    }

    /** Checks a page. */
    void page(RecordLocation location, IndexPage page) throws IOException {
        if (remembers()) {
            pages.add(location, page);
        }
        boolean holdsData = page.level() == 0 && page.length() > 0;
        if (holdsData ? takesData() : onePass.isPresent()) {
            onePass.orElseThrow().page(location, page);
        }
    }

    private boolean remembers() {
        return remembersAll || onePass.isPresent();
    }

    private void checkProperties(ImageRoot root, RecordLocation location) throws CorruptImageException {
        Sha256 passed = properties.getOrDefault(root.properties(), Sha256.NONE);
        if (!passed.equals(root.statement().propertiesHash())) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "no properties with the hash " + root.statement().propertiesHash() + " have passed at offset "
                            + root.properties().packOffset());
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
        ImageProperties.decode(ByteReader.of(plain, ByteOrder.LITTLE_ENDIAN, resource, location.packOffset()));
        if (remembers()) {
            properties.put(location, HashDomain.PROPERTIES.hash(plain));
        }
    }

    private void root(RecordLocation location, ImageRoot root) throws IOException {
        order.take(root, location);
        if (remembers()) {
            pages.checkTree(root);
            checkProperties(root, location);
        }
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
}
