package io.platter.pipeline;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.format.Commit;
import io.platter.format.FileHeader;
import io.platter.format.ImageProperties;
import io.platter.format.ImageRoot;
import io.platter.format.IndexPage;
import io.platter.format.InnerPage;
import io.platter.format.Limits;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader;
import io.platter.format.RecordType;
import io.platter.format.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The records of an image file, as values: the header, the last commit, the roots, pages of indexes.
 *
 * <p>Safe for use by several threads.
 */
public final class ImageFile {
    private static final int PAGE_RECORD = RecordHeader.LENGTH + Limits.MAX_PAGE;
    private static final int PROPERTIES_RECORD = RecordHeader.LENGTH + Limits.MAX_PROPERTIES;

    private final RecordReader records;
    private final FileHeader header;
    private final Commit commit;

    private ImageFile(RecordReader records, FileHeader header, Commit commit) {
        this.records = records;
        this.header = header;
        this.commit = commit;
    }

    /**
     * Reads the header and finds the last commit.
     *
     * @param file the file's bytes, which stay open
     * @throws io.platter.block.ImageFormatException if there is none, or it needs what this version does not have
     */
    public static ImageFile open(BlockDevice file) throws IOException {
        RecordReader records = new RecordReader(file);
        if (file.size() < FileHeader.LENGTH + Commit.LENGTH) {
            throw new CorruptImageException(
                    file.name(), 0, "file of " + file.size() + " bytes, too short for a Platter image");
        }
        RecordReader.StoredRecord first =
                records.read(new RecordLocation(0, FileHeader.LENGTH), FileHeader.LENGTH, RecordType.FILE);
        first.checkedPayload();
        FileHeader header = FileHeader.decode(
                ByteReader.of(first.table(), ByteOrder.LITTLE_ENDIAN, file.name(), RecordHeader.LENGTH), file.name());
        return new ImageFile(records, header, findCommit(file, records));
    }

    private static Commit findCommit(BlockDevice file, RecordReader records) throws IOException {
        if (file.size() % Limits.COMMIT_ALIGNMENT == 0) {
            try {
                return readCommit(file, file.size() - Commit.LENGTH);
            } catch (CorruptImageException e) {
                // The end is torn: the last commit is further up.
            }
        }
        return walkToLastCommit(file, records);
    }

    private static Commit readCommit(BlockDevice file, long imageOffset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Commit.LENGTH);
        file.read(bytes, imageOffset);
        return Commit.decode(bytes.flip(), file.name(), imageOffset);
    }

    /**
     * Walks the records from the first on. Looking for something like a commit from the end up would find one inside a
     * captured image file, too.
     */
    private static Commit walkToLastCommit(BlockDevice file, RecordReader records) throws IOException {
        Optional<Commit> last = Optional.empty();
        long position = FileHeader.LENGTH;
        try {
            while (position < file.size()) {
                RecordHeader header = records.readHeader(position);
                if (header.is(RecordType.COMMIT)) {
                    last = Optional.of(readCommit(file, position));
                }
                position += header.recordLength();
            }
        } catch (CorruptImageException torn) {
            return last.orElseThrow(() -> {
                CorruptImageException e = new CorruptImageException(file.name(), 0, "no commit before the damage");
                e.initCause(torn);
                return e;
            });
        }
        return last.orElseThrow(() -> new CorruptImageException(file.name(), 0, "no commit"));
    }

    /** Returns the name of the file. */
    public String name() {
        return records.resource();
    }

    /** Returns the records. */
    public RecordReader records() {
        return records;
    }

    /** Returns the first record. */
    public FileHeader header() {
        return header;
    }

    /** Returns the last commit. */
    public Commit commit() {
        return commit;
    }

    /**
     * Reads the roots of all complete images, the oldest first.
     *
     * @throws CorruptImageException if their chain is broken
     */
    public List<ImageRoot> roots() throws IOException {
        List<ImageRoot> roots = new ArrayList<>();
        RecordLocation next = commit.lastImage();
        long before = commit.imageOffset();
        for (int number = commit.imageCount(); number > 0; number--) {
            if (!next.isPresent() || next.imageOffset() >= before) {
                throw new CorruptImageException(
                        name(),
                        before,
                        "root of image " + number + " at offset " + next.imageOffset() + ", expected one before");
            }
            ImageRoot root = root(next);
            if (root.number() != number || root.partial()) {
                throw new CorruptImageException(
                        name(),
                        next.imageOffset(),
                        "root of image " + root.number() + (root.partial() ? ", partial" : "")
                                + ", expected a complete image " + number);
            }
            roots.add(root);
            before = next.imageOffset();
            next = root.previousImage();
        }
        Collections.reverse(roots);
        return roots;
    }

    /** Reads the root of the image that is still being written, if there is one. */
    public Optional<ImageRoot> partialRoot() throws IOException {
        return commit.partialImage().isPresent() ? Optional.of(root(commit.partialImage())) : Optional.empty();
    }

    private ImageRoot root(RecordLocation location) throws IOException {
        RecordReader.StoredRecord record = records.read(location, ImageRoot.MAX_LENGTH, RecordType.IMAGE);
        return ImageRoot.decode(record.table(), record.checkedPayload(), name(), location.imageOffset());
    }

    /**
     * Reads the properties of an image.
     *
     * @throws CorruptImageException if they are damaged
     */
    public ImageProperties properties(ImageRoot root) throws IOException {
        RecordLocation location = root.properties();
        if (!location.isPresent()) {
            return new ImageProperties(new TreeMap<>(), List.of());
        }
        ByteBuffer plain =
                records.read(location, PROPERTIES_RECORD, RecordType.PROPERTIES).decodedPayload(Limits.MAX_PROPERTIES);
        Sha256 hash = Sha256.of(plain);
        if (!hash.equals(root.propertiesHash())) {
            throw new CorruptImageException(
                    name(), location.imageOffset(), "properties hash " + hash + ", expected " + root.propertiesHash());
        }
        return ImageProperties.decode(ByteReader.of(plain, ByteOrder.LITTLE_ENDIAN, name(), location.imageOffset()));
    }

    /** Reads the topmost page of an image's index. */
    public IndexPage rootPage(ImageRoot root) throws IOException {
        IndexPage page = page(root.rootPage(), root.rootHash());
        if (page.diskOffset() != 0 || page.length() != root.coveredLength()) {
            throw new CorruptImageException(
                    name(),
                    root.rootPage().imageOffset(),
                    "index for " + page.length() + " bytes at disk offset " + page.diskOffset() + ", expected "
                            + root.coveredLength() + " at 0");
        }
        return page;
    }

    /** Reads a page below an inner page. */
    public IndexPage childPage(InnerPage parent, InnerPage.Child child) throws IOException {
        IndexPage page = page(child.location(), child.hash());
        if (page.level() != parent.level() - 1
                || page.diskOffset() != child.diskOffset()
                || page.length() != child.length()) {
            throw new CorruptImageException(
                    name(),
                    child.location().imageOffset(),
                    "page of level " + page.level() + " for "
                            + page.length() + " bytes at disk offset " + page.diskOffset() + ", expected level "
                            + (parent.level() - 1) + ", " + child.length() + " at " + child.diskOffset());
        }
        return page;
    }

    private IndexPage page(RecordLocation location, Sha256 expected) throws IOException {
        ByteBuffer plain = records.read(location, PAGE_RECORD, RecordType.PAGE).decodedPayload(Limits.MAX_PAGE);
        IndexPage page = IndexPage.decode(plain, name(), location.imageOffset());
        if (!page.hash().equals(expected)) {
            throw new CorruptImageException(
                    name(), location.imageOffset(), "page hash " + page.hash() + ", expected " + expected);
        }
        return page;
    }
}
