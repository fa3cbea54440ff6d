package io.platter.pipeline;

import io.platter.FileEnd;
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
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The records of an image file, as values: the header, the last commit, the roots, pages of indexes.
 *
 * <p>Safe for use by several threads.
 */
public final class ImageFile {
    private static final int PROPERTIES_RECORD = RecordHeader.LENGTH + Limits.MAX_PROPERTIES;

    private final BlockDevice file;
    private final RecordReader records;
    private final IndexReader index;
    private final FileHeader header;
    private final EndSearch.Found found;

    private ImageFile(BlockDevice file, RecordReader records, FileHeader header, EndSearch.Found found) {
        this.file = file;
        this.records = records;
        this.index = new IndexReader(records);
        this.header = header;
        this.found = found;
    }

    /**
     * A complete image of the file.
     *
     * @param location where its root is
     * @param root its root, without the names of its features
     */
    public record StoredImage(RecordLocation location, ImageRoot root) {}

    /**
     * The complete images of a file, by their numbers.
     *
     * @param found those whose root is sound
     * @param lost the others, with the reason
     */
    public record Images(SortedMap<Integer, StoredImage> found, SortedMap<Integer, CorruptImageException> lost) {}

    /**
     * Reads the header and finds the last commit.
     *
     * @param file the file's bytes, which stay open
     * @throws io.platter.block.ImageFormatException if there is none, or it needs what this version does not have
     */
    public static ImageFile open(BlockDevice file) throws IOException {
        RecordReader records = new RecordReader(file);
        FileHeader header = readHeader(file, records);
        return new ImageFile(file, records, header, EndSearch.run(file, records, new IndexReader(records)));
    }

    private static FileHeader readHeader(BlockDevice file, RecordReader records) throws IOException {
        if (file.size() >= Integer.BYTES) {
            checkMagic(ByteReader.read(file, 0, Integer.BYTES, ByteOrder.LITTLE_ENDIAN));
        }
        if (file.size() < FileHeader.LENGTH + Commit.LENGTH) {
            throw new CorruptImageException(
                    file.name(), 0, "file of " + file.size() + " bytes, too short for a Platter image");
        }
        RecordReader.StoredRecord first =
                records.read(new RecordLocation(0, FileHeader.LENGTH), FileHeader.LENGTH, RecordType.FILE);
        first.checkedPayload();
        return FileHeader.decode(
                ByteReader.of(first.table(), ByteOrder.LITTLE_ENDIAN, file.name(), RecordHeader.LENGTH), file.name());
    }

    /** Tells files that never were images from damaged ones. */
    static void checkMagic(ByteReader start) throws CorruptImageException {
        int magic = start.readI32();
        if (magic != RecordHeader.MAGIC) {
            throw start.corrupt(
                    0,
                    String.format("not a Platter image: record magic %08x, expected %08x", magic, RecordHeader.MAGIC));
        }
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

    /** Returns the newest commit that counts. */
    public Commit commit() {
        return found.commit();
    }

    /** Returns how the file ends. */
    public FileEnd end() {
        return found.end();
    }

    /** Tells whether images may follow the damage that can't be reached. */
    public boolean hidesImages() {
        return found.hidesImages();
    }

    /** Returns where the root of a complete image is that follows the newest commit, but for its own commit. */
    public Optional<RecordLocation> uncommittedImage() {
        return found.uncommitted().map(EndSearch.Uncommitted::location);
    }

    /** Returns where what counts ends: the newest commit, or the root of a complete image that follows it. */
    public long countedEnd() {
        return found.countedEnd();
    }

    /**
     * Returns this file as a writer goes on with it, at {@link #countedEnd()}.
     *
     * @param discardDamagedEnd whether a damaged end may be cut off
     * @throws CorruptImageException if it is damaged and may not
     * @throws io.platter.block.UnsupportedImageException if it has features that this version can't write
     */
    public ImageFile toWriteOn(boolean discardDamagedEnd) throws IOException {
        header.features().checkWritable(name());
        if (end().state() != FileEnd.State.DAMAGED) {
            return this;
        }
        EndSearch.Found kept = found.withoutDamage();
        if (!discardDamagedEnd || kept.commit().sequence() == 0) {
            throw new CorruptImageException(
                    name(),
                    end().offset(),
                    end().detail() + "; nothing is written to it"
                            + (kept.commit().sequence() == 0
                                    ? ", as no commit precedes the damage"
                                    : " unless its last " + end().bytes() + " bytes may be discarded"));
        }
        return new ImageFile(file, records, header, kept);
    }

    /** Returns this file without a complete image that lacks its commit. */
    ImageFile committed() {
        return new ImageFile(file, records, header, found.withoutUncommitted());
    }

    /** Reads the root from which an unfinished image can be gone on with, if there is one. */
    public Optional<ImageRoot> rootToResume() throws IOException {
        return found.uncommitted().isPresent()
                ? Optional.of(found.uncommitted().get().root())
                : partialRoot();
    }

    /** Returns how many complete images there are, whether they can be read or not. */
    public int imageCount() {
        return commit().imageCount() + (found.uncommitted().isPresent() ? 1 : 0);
    }

    /**
     * Reads the roots of all complete images, the oldest first.
     *
     * @throws CorruptImageException if their chain is broken
     * @throws io.platter.block.UnsupportedImageException if one has features that this version lacks
     */
    public List<ImageRoot> roots() throws IOException {
        Images images = images();
        if (!images.lost().isEmpty()) {
            throw images.lost().get(images.lost().lastKey());
        }
        List<ImageRoot> roots = new ArrayList<>();
        for (StoredImage image : images.found().values()) {
            checkReadable(image);
            roots.add(image.root());
        }
        return roots;
    }

    /**
     * Checks that this version has the features that an image needs.
     *
     * @throws io.platter.block.UnsupportedImageException if not, with their names
     */
    public void checkReadable(StoredImage image) throws IOException {
        if (image.root().features().incompatible() != 0) {
            root(records, image.location()).checkReadable(name());
        }
    }

    /**
     * Reads the roots of all complete images. Where the chain is broken, those before are found through earlier commits.
     *
     * @throws IOException if the file can't be read
     */
    public Images images() throws IOException {
        Images images = new Images(new TreeMap<>(), new TreeMap<>());
        Commit from = commit();
        RecordLocation next = uncommittedImage().orElse(from.lastImage());
        long before = countedEnd();
        int number = imageCount();
        while (number > 0) {
            try {
                ImageRoot root = root(number, next, before);
                images.found().put(number, new StoredImage(next, root));
                before = next.imageOffset();
                next = root.previousImage();
                number--;
            } catch (CorruptImageException e) {
                from = earlier(from, number);
                for (; number > from.imageCount(); number--) {
                    images.lost().put(number, e);
                }
                next = from.lastImage();
                before = from.imageOffset();
            }
        }
        return images;
    }

    /** Returns the newest commit of fewer images, or none. */
    private Commit earlier(Commit from, int images) throws IOException {
        Commit commit = from;
        try {
            while (commit.sequence() > 0 && commit.imageCount() >= images) {
                commit = commit.previousCommit() == 0
                        ? Commit.NONE
                        : EndSearch.readCommit(file, commit.previousCommit());
            }
            return commit;
        } catch (CorruptImageException e) {
            return Commit.NONE;
        }
    }

    private ImageRoot root(int number, RecordLocation location, long before) throws IOException {
        if (!location.isPresent() || location.imageOffset() >= before) {
            throw new CorruptImageException(
                    name(),
                    before,
                    "root of image " + number + " at offset " + location.imageOffset() + ", expected one before");
        }
        ImageRoot root = root(records, location);
        if (root.number() != number || root.partial()) {
            throw new CorruptImageException(
                    name(),
                    location.imageOffset(),
                    "root of image " + root.number() + (root.partial() ? ", partial" : "")
                            + ", expected a complete image " + number);
        }
        return root.withoutNames();
    }

    /** Reads the root of the image that is still being written, if there is one. */
    public Optional<ImageRoot> partialRoot() throws IOException {
        if (!commit().partialImage().isPresent() || found.uncommitted().isPresent()) {
            return Optional.empty();
        }
        ImageRoot root = root(records, commit().partialImage());
        root.checkReadable(name());
        return Optional.of(root);
    }

    /** Reads a root; its features are not judged. */
    static ImageRoot root(RecordReader records, RecordLocation location) throws IOException {
        RecordReader.StoredRecord record = records.read(location, ImageRoot.MAX_LENGTH, RecordType.IMAGE);
        return ImageRoot.decode(
                record.table(),
                record.decodedPayload(ImageRoot.MAX_LENGTH),
                records.resource(),
                location.imageOffset());
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
        return index.root(root);
    }

    /** Reads a page below an inner page. */
    public IndexPage childPage(InnerPage parent, InnerPage.Child child) throws IOException {
        return index.child(parent, child);
    }
}
