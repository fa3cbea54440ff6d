package io.platter.repository;

import io.platter.Capture;
import io.platter.Image;
import io.platter.ImageCopy;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.ReadOptions;
import io.platter.block.ByteReader;
import io.platter.block.UnsupportedImageException;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.store.MemoryFile;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.Limits;
import io.platter.image.NoSuchImageException;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import io.platter.job.CaptureReport;
import io.platter.job.CopyReport;
import io.platter.job.JobControl;
import io.platter.repository.store.BlobStore;
import io.platter.repository.store.DirectoryStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Many images in one place, which share their blocks.
 *
 * <pre>{@code
 * try (Repository repository = Repository.open(Path.of("/srv/images"))) {
 *     repository.capture("web-1", Capture.of(Path.of("/dev/sda")));
 *     try (ImageReader reader = repository.reader(repository.image("web-1"))) {
 *         Restore.of(reader.newestImage()).to(Path.of("/dev/sdb"));
 *     }
 * }
 * }</pre>
 *
 * <p>Several programs and machines may use a repository at once, for whatever; see the package.
 *
 * <p>Safe for use by several threads.
 */
public final class Repository implements Closeable {
    private static final String FORMAT = "repository.format";
    private static final String FORMAT_VERSION = "1";

    private final Blobs blobs;
    private final PackDevices packs;
    private final RepositoryImages images;
    private final FileId id;
    private final Surroundings surroundings;
    private final SessionTimes times;
    private final ImageCopies copies;

    private Repository(Blobs blobs, FileId id, PackDevices packs, Surroundings surroundings) {
        this.blobs = blobs;
        this.id = id;
        this.packs = packs;
        this.images = new RepositoryImages(blobs, packs);
        this.surroundings = surroundings;
        this.times = new SessionTimes(surroundings.clock());
        this.copies = new ImageCopies(images, surroundings.clock());
    }

    /**
     * Makes a repository in a directory, which is made if it does not exist.
     *
     * @throws FileAlreadyExistsException if there is one
     * @throws IOException if it can't be written
     */
    public static Repository init(Path directory) throws IOException {
        return init(DirectoryStore.create(directory));
    }

    /**
     * Makes a repository in a store, after a trial whether the store is fit for one.
     *
     * @param store is closed with the repository
     * @throws FileAlreadyExistsException if there is one
     * @throws IOException if it can't be written, or of several that write one key at once not exactly one succeeds
     */
    public static Repository init(BlobStore store) throws IOException {
        Surroundings real = Surroundings.real();
        StoreProbe.run(store, WriteSession.newId(real.random()));
        MemoryFile file = new MemoryFile(store.name());
        FileId id = FileId.random();
        RecordOutput records = RecordOutput.create(file, 1, new FileHeader(id, Features.foreignPacks()));
        TreeMap<String, String> properties = new TreeMap<>(Map.of(FORMAT, FORMAT_VERSION));
        records.append(
                RecordType.PROPERTIES, ByteBuffer.allocate(0), new ImageProperties(properties, List.of()).encode());
        records.commit(false, Commit.Contents.NONE);
        Blobs blobs = new Blobs(store, real.pauseMillis());
        if (blobs.put(Keys.REPOSITORY, file.bytes()) == BlobStore.Put.EXISTS) {
            Repository there = open(store);
            if (!there.id.equals(id)) { // An attempt of ours may have succeeded without our hearing of it.
                throw new FileAlreadyExistsException(store.name(), null, "is a repository already");
            }
            return there;
        }
        return new Repository(blobs, id, new PackDevices(blobs), real);
    }

    /**
     * Opens the repository in a directory.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it can't be read
     */
    public static Repository open(Path directory) throws IOException {
        return open(DirectoryStore.open(directory));
    }

    /**
     * Opens the repository in a store.
     *
     * @param store is closed with the repository
     * @throws NoSuchFileException if there is none
     * @throws io.platter.block.ImageFormatException if it is damaged, or of another version
     * @throws IOException if it can't be read
     */
    public static Repository open(BlobStore store) throws IOException {
        return open(store, Surroundings.real());
    }

    static Repository open(BlobStore store, Surroundings surroundings) throws IOException {
        Blobs blobs = new Blobs(store, surroundings.pauseMillis());
        BlobStore.Blob blob;
        try {
            blob = blobs.stat(Keys.REPOSITORY);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(store.name(), null, "is no repository; init makes one");
        }
        PackDevices packs = new PackDevices(blobs);
        BlobFile file = BlobFile.read(blobs, blob, packs.numbers());
        checkVersion(file, store.name());
        FileId id = file.file().header().fileId();
        return new Repository(blobs, id, packs, surroundings);
    }

    private static void checkVersion(BlobFile file, String store) throws IOException {
        String version = null;
        for (StoredRecord record : file.records(RecordType.PROPERTIES)) {
            ByteBuffer plain = record.decodedPayload(Limits.MAX_PROPERTIES);
            version = ImageProperties.decode(ByteReader.of(plain, ByteOrder.LITTLE_ENDIAN, store, 0))
                    .properties()
                    .get(FORMAT);
        }
        if (!FORMAT_VERSION.equals(version)) {
            throw new UnsupportedImageException(
                    store, "version " + version + " of repositories, expected " + FORMAT_VERSION);
        }
    }

    /** Returns the id that the repository has from its first moment on. */
    public FileId id() {
        return id;
    }

    /**
     * Returns all images whose manifests can be read, the oldest first; {@link #check} tells of others.
     *
     * @throws IOException if the store can't be read
     */
    public List<RepositoryImage> images() throws IOException {
        return images.all();
    }

    /**
     * Returns the newest image of a name, or else the image whose id starts with these digits.
     *
     * @throws NoSuchImageException if there is none, or if the digits are those of several images that are not equal
     * @throws io.platter.block.ImageFormatException if the newest image of the name is damaged
     * @throws IOException if the store can't be read
     */
    public RepositoryImage image(String nameOrId) throws IOException {
        return images.named(nameOrId);
    }

    /**
     * Opens an image for reading: a restore, a comparison, its bytes.
     *
     * @return a reader of this one image; closed before the repository is
     * @throws NoSuchImageException if the image was forgotten
     * @throws IOException if the store can't be read
     */
    public ImageReader reader(RepositoryImage image, ReadOptions options) throws IOException {
        return images.reader(image, options);
    }

    /** Opens an image for reading with the default options. */
    public ImageReader reader(RepositoryImage image) throws IOException {
        return reader(image, ReadOptions.defaults());
    }

    /**
     * Captures a disk. Its newest image of this name is asked first for what the disk still has; with {@link
     * Capture#changed}, the image since which changes are known, whatever its name.
     *
     * @param name 1 to 128 bytes in UTF-8, such as that of the machine
     * @throws SessionEndedException if another program gave this capture up meanwhile
     * @throws IOException as {@link Capture#to(ImageWriter)} does, or if the store can't be written
     */
    public CaptureReport capture(String name, Capture capture) throws IOException {
        return capture.to(
                (disk, control) -> newImage(name, capture.changedSince(), disk, ImageOptions.defaults(), control));
    }

    /**
     * Starts an image. It counts when it is finished, and not at all otherwise.
     *
     * @param name 1 to 128 bytes in UTF-8
     * @param disk the disk's geometry
     * @param options how the image is written
     * @param control its threads and memory
     * @throws IOException if the store can't be read or written
     */
    public ImageWriter newImage(String name, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        return newImage(name, Optional.empty(), disk, options, control);
    }

    private ImageWriter newImage(
            String name, Optional<Sha256> base, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        Keys.checkName(name);
        String session = WriteSession.newId(surroundings.random());
        WriteSession store = begin(Keys.image(times.next(), session, name), session);
        try {
            return ImageWriter.create(store, images.base(name, base, store.begun()), disk, options, control);
        } catch (IOException | RuntimeException | Error e) {
            try {
                store.abandon();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /**
     * Takes an image of a file, or of wherever it can be read: only frames with blocks travel that the repository does not have,
     * as they are stored. The image keeps its id, its properties and its statistics; its time is that of its capture, as far as it
     * says so, or else now. Blocks are not compared with their hashes here: verify a file first that somebody else may have made.
     *
     * @param name 1 to 128 bytes in UTF-8; if it has an image of the same id and time, nothing is done
     * @throws IllegalArgumentException if the image is unfinished, or the name too short or too long
     * @throws io.platter.block.CorruptImageException if the image is damaged, with its id and the place
     * @throws SessionEndedException if another program gave this copy up meanwhile
     * @throws java.util.concurrent.CancellationException if it was cancelled; nothing of it counts
     * @throws IOException if the image can't be read, or the store not be read or written
     */
    public CopyReport importImage(String name, Image image, JobControl control) throws IOException {
        return take(name, image, copies.timeOf(image), control);
    }

    /**
     * Copies an image to another repository, where it has the same name, time and id.
     *
     * @throws IOException as {@link #importImage} does; a {@link NoSuchImageException} if the image was forgotten
     */
    public CopyReport copy(RepositoryImage image, Repository other, JobControl control) throws IOException {
        try (ImageReader reader = reader(image)) {
            return other.take(image.name(), reader.newestImage(), Optional.of(image.time()), control);
        }
    }

    private CopyReport take(String name, Image image, Optional<Instant> time, JobControl control) throws IOException {
        Keys.checkName(name);
        String session = WriteSession.newId(surroundings.random());
        return copies.take(name, image, time, begun -> begin(Keys.image(begun, session, name), session), control);
    }

    /**
     * Copies an image to a file of its own: see {@link ImageCopy#toNewFile}.
     *
     * @param file must not exist
     * @throws IOException as that does; a {@link NoSuchImageException} if the image was forgotten
     */
    public CopyReport export(RepositoryImage image, Path file, JobControl control) throws IOException {
        try (ImageReader reader = reader(image)) {
            return ImageCopy.of(reader.newestImage()).control(control).toNewFile(file);
        }
    }

    private WriteSession begin(String base, String session) throws IOException {
        return WriteSession.begin(blobs, packs, base, session, surroundings.random(), surroundings.packSize());
    }

    /**
     * Forgets an image: it does not count any more. Its room is free when a collection has been run twice.
     *
     * @throws IOException if the store can't be written
     */
    public void forget(RepositoryImage image) throws IOException {
        blobs.put(image.key() + Keys.FORGOTTEN, "forgotten\n".getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Forgets all images that a rule does not keep.
     *
     * @return what was decided, of each image
     * @throws IOException if the store can't be read or written
     */
    public List<Retention.Decision> forget(Retention rule) throws IOException {
        List<Retention.Decision> decisions = rule.judge(images());
        for (Retention.Decision decision : decisions) {
            if (!decision.keeps()) {
                forget(decision.image());
            }
        }
        return decisions;
    }

    /**
     * Frees room of what no image needs: moves what is needed out of packs of which little is, and deletes packs that an earlier
     * collection gave up. Any number of programs may collect at once, and while others capture and restore.
     *
     * @throws SessionEndedException if another program gave this collection up meanwhile; nothing is lost
     * @throws IOException if the store can't be read or written
     */
    public CollectReport collect(CollectOptions options, JobControl control) throws IOException {
        Objects.requireNonNull(options, "options");
        String session = WriteSession.newId(surroundings.random());
        WriteSession store = begin(Keys.collection(times.next(), session), session);
        return new CollectRun(blobs, packs, store, options, control).run();
    }

    /** Frees room with the default options. */
    public CollectReport collect() throws IOException {
        return collect(CollectOptions.defaults(), JobControl.defaults());
    }

    /**
     * Checks the repository.
     *
     * @param full whether all blocks of all images are read and checked, each once; else only whether all is there that images
     *     name
     * @throws java.util.concurrent.CancellationException if it was cancelled
     * @throws IOException if the store can't be read; damage is in the report
     */
    public CheckReport check(boolean full, JobControl control) throws IOException {
        return new CheckRun(blobs, packs, full, control).run();
    }

    /**
     * Measures the repository.
     *
     * @throws IOException if the store can't be read
     */
    public RepositoryStatistics statistics() throws IOException {
        List<RepositoryImage> images = images();
        return new RepositoryStatistics(
                images.size(),
                images.stream().mapToLong(image -> image.info().disk().size()).sum(),
                images.stream()
                        .mapToLong(image -> image.info().statistics().dataBytes())
                        .sum(),
                blobs.list(Keys.PACKS).size(),
                bytes(Keys.PACKS),
                bytes(Keys.INDEX),
                bytes(Keys.IMAGES) + bytes(Keys.COLLECTIONS));
    }

    private long bytes(String prefix) throws IOException {
        return blobs.list(prefix).stream().mapToLong(BlobStore.Blob::size).sum();
    }

    /** Closes the store. */
    @Override
    public void close() throws IOException {
        blobs.close();
    }

    /** Returns the name of the store. */
    @Override
    public String toString() {
        return blobs.name();
    }
}
