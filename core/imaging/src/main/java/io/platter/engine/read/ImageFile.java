package io.platter.engine.read;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import io.platter.image.FileEnd;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage.Entry;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.HashDomain;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.Packs;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The records of an image file, as values: the header, the last commit, the roots, pages of indexes.
 *
 * <p>Safe for use by several threads.
 */
public final class ImageFile {
    private static final int PROPERTIES_RECORD = RecordSeal.TABLE_START + Limits.MAX_PROPERTIES;

    private final BlockDevice file;
    private final RecordReader records;
    private final IndexReader index;
    private final EndSearch.Found found;
    private final Directory directory;
    private final Optional<PackNumbers> packNumbers;

    private ImageFile(
            BlockDevice file, RecordReader records, EndSearch.Found found, Optional<PackNumbers> packNumbers) {
        this.file = file;
        this.records = records;
        this.index = new IndexReader(records);
        this.found = found;
        this.packNumbers = packNumbers;
        this.directory = new Directory(records, found.commit().contents());
    }

    /**
     * Reads the header and finds the last commit.
     *
     * @param file the file's bytes, which stay open
     * @throws io.platter.block.ImageFormatException if there is none, or it needs what this version does not have
     */
    public static ImageFile open(BlockDevice file) throws IOException {
        ImageFile opened = open(file, Packs.only(file), Optional.empty());
        opened.header().features().checkStandsAlone(file.name());
        return opened;
    }

    /**
     * Reads the header and finds the last commit.
     *
     * @param file the file's bytes, which stay open
     * @param numbers the packs that it may name
     * @throws io.platter.block.ImageFormatException if there is none, or it needs what this version does not have
     */
    public static ImageFile open(BlockDevice file, PackNumbers numbers) throws IOException {
        return open(file, numbers.seenFrom(file), Optional.of(numbers));
    }

    private static ImageFile open(BlockDevice file, Packs packs, Optional<PackNumbers> numbers) throws IOException {
        RecordReader records = new RecordReader(packs);
        return new ImageFile(file, records, EndSearch.run(file, records), numbers);
    }

    /** Tells whether a file says of itself that it holds images, by its magic. */
    public static boolean matches(BlockDevice file) throws IOException {
        if (file.size() < RecordHeader.LENGTH) {
            return false;
        }
        ByteBuffer start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(start, 0);
        return start.getInt(0) == RecordHeader.MAGIC;
    }

    /** Returns the name of the file. */
    public String name() {
        return file.name();
    }

    /** Returns the records. */
    public RecordReader records() {
        return records;
    }

    /** Returns the numbers of the packs that the file names, if it may name some. */
    public Optional<PackNumbers> packNumbers() {
        return packNumbers;
    }

    /** Returns the file's header. */
    public FileHeader header() {
        return found.header();
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

    /** Returns where the whole records end that count: before {@link #countedEnd()} if one is not all there. */
    public long readableEnd() {
        return file.size() < countedEnd() ? commit().packOffset() : countedEnd();
    }

    /**
     * Returns where all whole records of some types are, by going from one to the next.
     *
     * @throws CorruptImageException if a record has no sound header
     */
    public List<RecordLocation> walk(RecordType... types) throws IOException {
        List<RecordLocation> found = new ArrayList<>();
        for (long position = 0; position < readableEnd(); ) {
            RecordHeader header = records.readHeader(position);
            RecordLocation location = RecordLocation.of(position, header.recordLength());
            if (Arrays.stream(types).anyMatch(header::is)) {
                found.add(location);
            }
            position = location.end();
        }
        return found;
    }

    /** Returns what has to be written again before anything is appended. */
    public List<EndSearch.Repair> repairs() {
        return found.repairs();
    }

    /** Returns the directory of the newest commit. */
    public Directory directory() {
        return directory;
    }

    /**
     * Checks that a writer may go on at {@link #countedEnd()}.
     *
     * @param discardDamagedEnd whether what is left of commits that are lost may be cut off
     * @throws CorruptImageException if that would have to be, and may not
     * @throws io.platter.block.UnsupportedImageException if the file has features that this version can't write
     */
    public void checkWritable(boolean discardDamagedEnd) throws IOException {
        header().features().checkWritable(name());
        if (found.losesCommits() && !discardDamagedEnd) {
            throw new CorruptImageException(
                    name(),
                    end().offset(),
                    end().detail() + "; nothing is written to it unless its last " + end().bytes()
                            + " bytes may be discarded");
        }
    }

    /** Reads the root from which an unfinished image can be resumed, if there is one. */
    public Optional<ImageRoot> rootToResume() throws IOException {
        return found.uncommitted().isPresent()
                ? Optional.of(found.uncommitted().get().root())
                : partialRoot();
    }

    /** Returns how many complete images there are, whether they can be read or not. */
    public int imageCount() {
        return commit().contents().imageCount() + (found.uncommitted().isPresent() ? 1 : 0);
    }

    /**
     * Reads the root of a complete image. Its features are not judged.
     *
     * @param number from 1 to {@link #imageCount()}
     * @throws CorruptImageException if it can't be found or is damaged
     */
    public ImageRoot root(int number) throws IOException {
        Optional<EndSearch.Uncommitted> last = found.uncommitted();
        if (last.isPresent() && number == imageCount()) {
            return last.get().root();
        }
        Commit.Contents contents = commit().contents();
        if (number == contents.imageCount()) {
            return root(number, new Entry(contents.lastId(), contents.lastImage()));
        }
        try {
            return root(number, directory.find(number));
        } catch (ImageFormatException damage) {
            try {
                return root(number, findByCommits(number));
            } catch (ImageFormatException e) {
                damage.addSuppressed(e);
                throw damage;
            }
        }
    }

    private ImageRoot root(int number, Entry entry) throws IOException {
        ImageRoot root = root(records, entry.location());
        Sha256 id = root.id();
        if (!id.equals(entry.hash()) || root.number() != number || root.partial()) {
            throw new CorruptImageException(
                    name(),
                    entry.location().packOffset(),
                    "root of image " + root.number() + (root.partial() ? ", partial," : "") + " with id " + id
                            + ", expected a complete image " + number + " with id " + entry.hash());
        }
        return root;
    }

    /** Finds an image through the commit that named it as the newest. */
    private Entry findByCommits(int number) throws IOException {
        Commit earlier = commit();
        while (earlier.contents().imageCount() > number) {
            earlier = before(earlier);
        }
        if (earlier.contents().imageCount() != number) {
            throw new CorruptImageException(
                    name(), earlier.packOffset(), "no commit names image " + number + " as the newest");
        }
        return new Entry(earlier.contents().lastId(), earlier.contents().lastImage());
    }

    private Commit before(Commit commit) throws IOException {
        Commit before = EndSearch.readCommit(file, commit.previousCommit());
        if (!before.hash().equals(commit.previousHash())) {
            throw new CorruptImageException(
                    name(),
                    commit.previousCommit(),
                    "commit with hash " + before.hash() + ", expected " + commit.previousHash());
        }
        return before;
    }

    /** Reads the root of the image that is still being written, if there is one. */
    public Optional<ImageRoot> partialRoot() throws IOException {
        RecordLocation location = commit().contents().partialImage();
        if (!location.isPresent() || found.uncommitted().isPresent()) {
            return Optional.empty();
        }
        ImageRoot root = root(records, location);
        Sha256 id = root.id();
        if (!root.partial()
                || root.number() != commit().contents().imageCount() + 1
                || !id.equals(commit().contents().partialId())) {
            throw new CorruptImageException(
                    name(),
                    location.packOffset(),
                    "root of image " + root.number() + (root.partial() ? ", partial," : "") + " with id " + id
                            + ", expected the partial image "
                            + (commit().contents().imageCount() + 1) + " with id "
                            + commit().contents().partialId());
        }
        return Optional.of(root);
    }

    /** Reads a root; its features are not judged. */
    static ImageRoot root(RecordReader records, RecordLocation location) throws IOException {
        return ImageRoot.decode(records.read(location, ImageRoot.MAX_LENGTH, RecordType.IMAGE), records.packs());
    }

    /**
     * Reads the properties of an image.
     *
     * @throws CorruptImageException if they are damaged
     */
    public ImageProperties properties(ImageRoot root) throws IOException {
        Optional<ByteBuffer> plain = plainProperties(root);
        return plain.isEmpty()
                ? new ImageProperties(new TreeMap<>(), List.of())
                : ImageProperties.decode(ByteReader.of(
                        plain.get(),
                        ByteOrder.LITTLE_ENDIAN,
                        name(),
                        root.properties().packOffset()));
    }

    /**
     * Reads the properties of an image as they are written, if it has some.
     *
     * @throws CorruptImageException if they are damaged
     */
    public Optional<ByteBuffer> plainProperties(ImageRoot root) throws IOException {
        RecordLocation location = root.properties();
        if (!location.isPresent()) {
            return Optional.empty();
        }
        StoredRecord record =
                records.read(location, PROPERTIES_RECORD, RecordType.PROPERTIES).withoutTable();
        ByteBuffer plain = record.decodedPayload(Limits.MAX_PROPERTIES);
        Sha256 hash = HashDomain.PROPERTIES.hash(plain);
        Sha256 expected = root.statement().propertiesHash();
        if (!hash.equals(expected)) {
            throw record.corrupt("properties hash " + hash + ", expected " + expected);
        }
        return Optional.of(plain);
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
