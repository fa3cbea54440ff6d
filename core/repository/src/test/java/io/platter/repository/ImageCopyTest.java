package io.platter.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.Image;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.Verify;
import io.platter.block.CorruptImageException;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.engine.read.ImageFile;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.job.CancellationToken;
import io.platter.job.CopyReport;
import io.platter.job.JobControl;
import io.platter.repository.store.BlobStore;
import io.platter.repository.store.DirectoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images that go from files to repositories, between these, and back. */
@Timeout(120)
class ImageCopyTest {
    private static final int SIZE = 12 << 20;
    private static final JobControl CONTROL = JobControl.defaults();
    private static final CollectOptions AT_ONCE = CollectOptions.defaults().grace(Duration.ZERO);

    @TempDir
    Path directory;

    private Repository repository;
    private Repository other;
    private Counting counting;

    /** Counts what is written, and fails as if the program was killed when it is told to. */
    private static final class Counting implements BlobStore {
        private final BlobStore store;
        private final AtomicLong packBytes = new AtomicLong();
        private final AtomicLong puts = new AtomicLong();
        private final AtomicBoolean dies = new AtomicBoolean();

        Counting(BlobStore store) {
            this.store = store;
        }

        @Override
        public String name() {
            return store.name();
        }

        @Override
        public Put put(String key, List<ByteBuffer> bytes) throws IOException {
            if (dies.get() && key.endsWith(Keys.END)) {
                throw new AssertionError("killed");
            }
            puts.incrementAndGet();
            if (key.startsWith(Keys.PACKS)) {
                packBytes.addAndGet(
                        bytes.stream().mapToLong(ByteBuffer::remaining).sum());
            }
            return store.put(key, bytes);
        }

        @Override
        public void get(String key, long offset, ByteBuffer target) throws IOException {
            store.get(key, offset, target);
        }

        @Override
        public Blob stat(String key) throws IOException {
            return store.stat(key);
        }

        @Override
        public List<Blob> list(String prefix, String after) throws IOException {
            return store.list(prefix, after);
        }

        @Override
        public void delete(String key) throws IOException {
            store.delete(key);
        }

        @Override
        public void tidy() throws IOException {
            store.tidy();
        }

        @Override
        public void close() throws IOException {
            store.close();
        }
    }

    @BeforeEach
    void init() throws IOException {
        repository = Repository.init(directory.resolve("repository"));
        counting = new Counting(DirectoryStore.create(directory.resolve("other")));
        other = Repository.init(counting);
        counting.puts.set(0);
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
        other.close();
    }

    /** Returns a disk of noise, of text that compresses, and of zeros. */
    private static byte[] disk(long seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        for (int i = SIZE / 2; i < SIZE * 3 / 4; i++) {
            bytes[i] = (byte) ('a' + (bytes[i] & 3));
        }
        Arrays.fill(bytes, SIZE * 3 / 4, SIZE - 100_000, (byte) 0);
        return bytes;
    }

    private Path captured(String name, byte[] bytes) throws IOException {
        Path file = directory.resolve(name);
        try (ImageWriter writer =
                ImageWriter.create(file, new DiskGeometry(SIZE, 512, 4096), ImageOptions.defaults())) {
            writer.property("comment", "kept");
            Capture.of(MemoryDevice.over(bytes)).to(writer);
        }
        return file;
    }

    private static CopyReport importInto(Repository target, String name, Path file) throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            return target.importImage(name, reader.newestImage(), CONTROL);
        }
    }

    private static byte[] bytesOf(Image image) throws IOException {
        MemoryDevice restored = MemoryDevice.ofSize((int) image.size());
        Restore.of(image).to(restored);
        byte[] found = new byte[(int) image.size()];
        restored.read(ByteBuffer.wrap(found), 0);
        return found;
    }

    private static void checkHas(Repository in, String name, byte[] expected) throws IOException {
        try (ImageReader reader = in.reader(in.image(name))) {
            assertThat(Arrays.mismatch(bytesOf(reader.newestImage()), expected)).isEqualTo(-1);
        }
        assertThat(in.check(true, CONTROL).problems()).isEmpty();
    }

    private static void checkHas(Path file, byte[] expected) throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Verify.of(reader).full();
            Verify.of(reader).quick();
            assertThat(Arrays.mismatch(bytesOf(reader.newestImage()), expected)).isEqualTo(-1);
        }
    }

    private static ImageInfo infoOf(Path file) throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.imageCount()).isEqualTo(1);
            return reader.newestImage().info();
        }
    }

    /** Returns the frames of a file, byte by byte, in their order. */
    private static List<byte[]> framesOf(Path file) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        byte[] all = Files.readAllBytes(file);
        for (RecordLocation place : places(file)) {
            frames.add(Arrays.copyOfRange(all, (int) place.packOffset(), (int) place.end()));
        }
        return frames;
    }

    private static List<RecordLocation> places(Path file) throws IOException {
        try (FileDevice bytes = FileDevice.open(file, OpenMode.READ)) {
            return ImageFile.open(bytes).walk(RecordType.FRAME);
        }
    }

    @Test
    void anImageGoesFromAFileToARepositoryAndBackAsItIs() throws IOException {
        byte[] bytes = disk(1);
        Path file = captured("a.platter", bytes);
        ImageInfo info = infoOf(file);
        CopyReport report = importInto(repository, "a", file);
        assertThat(report.image().id()).isEqualTo(info.id());
        assertThat(report.frames()).isEqualTo(framesOf(file).size());
        checkHas(repository, "a", bytes);
        RepositoryImage image = repository.image("a");
        assertThat(image.info()).isEqualTo(info);
        assertThat(image.time()).isEqualTo(Instant.parse(info.properties().get("time")));

        Path out = directory.resolve("out.platter");
        CopyReport exported = repository.export(image, out, CONTROL);
        assertThat(exported.image()).isEqualTo(info);
        assertThat(exported.bytesWritten()).isEqualTo(Files.size(out));
        assertThat(infoOf(out)).isEqualTo(info);
        assertThat(framesOf(out)).usingElementComparator(Arrays::compare).containsExactlyElementsOf(framesOf(file));
        checkHas(out, bytes);
        assertThat(importInto(repository, "a", out).bytesWritten()).isZero();
        assertThat(repository.images()).hasSize(1);
    }

    @Test
    void framesAreNeitherDecodedNorHashed() throws IOException {
        Path file = captured("a.platter", disk(2));
        List<RecordLocation> places = places(file);
        byte[] all = Files.readAllBytes(file);
        for (RecordLocation place : places) {
            ByteBuffer record = ByteBuffer.wrap(all, (int) place.packOffset(), place.length())
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN);
            // The last byte of the payload: only who decodes or hashes it can see that it is another one.
            record.put(place.length() - 1, (byte) (record.get(place.length() - 1) ^ 1));
            record.putInt(12, crc(record.slice(32, place.length() - 32)));
            record.putInt(28, crc(record.slice(0, 28)));
        }
        Files.write(file, all);
        assertThat(importInto(repository, "a", file).frames()).isEqualTo(places.size());
        Path out = directory.resolve("out.platter");
        assertThat(repository.export(repository.image("a"), out, CONTROL).frames())
                .isEqualTo(places.size());
        assertThat(framesOf(out)).usingElementComparator(Arrays::compare).containsExactlyElementsOf(framesOf(file));
        assertThat(repository.check(true, CONTROL).problems()).hasSizeGreaterThanOrEqualTo(places.size());
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Test
    void onlyWhatIsMissingTravelsBetweenRepositories() throws IOException {
        byte[] bytes = disk(3);
        repository.capture("a", Capture.of(MemoryDevice.over(bytes)));
        byte[] half = disk(4);
        System.arraycopy(bytes, 0, half, 0, SIZE / 4);
        System.arraycopy(bytes, SIZE / 2, half, SIZE / 2, SIZE / 8);
        other.capture("b", Capture.of(MemoryDevice.over(half)));
        counting.packBytes.set(0);
        RepositoryImage image = repository.image("a");
        CopyReport report = repository.copy(image, other, CONTROL);
        // Half of the noise is 3 MiB; frames at the edges travel whole.
        assertThat(counting.packBytes.get()).isBetween(3L << 20, 6L << 20);
        assertThat(report.bytesRead()).isLessThan(counting.packBytes.get());
        assertThat(other.image("a").time()).isEqualTo(image.time());
        assertThat(other.image("a").info()).isEqualTo(image.info());
        checkHas(other, "a", bytes);
        checkHas(other, "b", half);

        long puts = counting.puts.get();
        assertThat(repository.copy(image, other, CONTROL).bytesWritten()).isZero();
        assertThat(counting.puts.get()).isEqualTo(puts);
        // Under another name only the places travel: the lists say where all blocks are.
        counting.packBytes.set(0);
        try (ImageReader reader = repository.reader(image)) {
            assertThat(other.importImage("c", reader.newestImage(), CONTROL).frames())
                    .isZero();
        }
        assertThat(counting.packBytes.get()).isLessThan(100_000);
        checkHas(other, "c", bytes);
    }

    @Test
    void aLaterImageOfTheNameSharesPages() throws IOException {
        byte[] bytes = disk(5);
        repository.capture("a", Capture.of(MemoryDevice.over(bytes)));
        repository.copy(repository.image("a"), other, CONTROL);
        new Random(6).nextBytes(bytes);
        System.arraycopy(disk(5), 0, bytes, 0, SIZE - (1 << 20));
        repository.capture("a", Capture.of(MemoryDevice.over(bytes)));
        counting.packBytes.set(0);
        repository.copy(repository.image("a"), other, CONTROL);
        assertThat(counting.packBytes.get()).isBetween(1L << 20, (1L << 20) + 200_000);
        checkHas(other, "a", bytes);
        // What is copied is a base of captures.
        assertThat(other.capture("a", Capture.of(MemoryDevice.over(bytes)))
                        .image()
                        .statistics()
                        .newBytes())
                .isZero();
    }

    @Test
    void whatCollectionsMovedIsFound() throws IOException {
        byte[] old = disk(7);
        repository.capture("old", Capture.of(MemoryDevice.over(old)));
        byte[] bytes = disk(8);
        System.arraycopy(old, 0, bytes, 0, 2 << 20);
        repository.capture("new", Capture.of(MemoryDevice.over(bytes)));
        RepositoryImage image = repository.image("new");
        repository.forget(repository.image("old"));
        assertThat(repository.collect(AT_ONCE, CONTROL).bytesMoved()).isPositive();
        assertThat(repository.collect(AT_ONCE, CONTROL).packsDeleted()).isPositive();
        Path out = directory.resolve("out.platter");
        repository.export(image, out, CONTROL);
        checkHas(out, bytes);
        repository.copy(image, other, CONTROL);
        checkHas(other, "new", bytes);
        assertThat(importInto(repository, "again", out).frames()).isZero();
        checkHas(repository, "again", bytes);
    }

    @Test
    void aDamagedFrameIsToldByImageAndPlaceAndLeavesNothing() throws IOException {
        Path file = captured("a.platter", disk(9));
        String id = infoOf(file).id().toString();
        importInto(repository, "a", file);
        RecordLocation place = places(file).get(3);
        flip(file, place.packOffset() + 1000);
        assertThatThrownBy(() -> importInto(other, "a", file))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("image " + id)
                .hasMessageContaining("from disk offset ")
                .hasMessageContaining("CRC-32C mismatch: stored ")
                .hasMessageContaining("at offset " + place.packOffset() + " of " + file);
        assertThat(other.images()).isEmpty();
        other.collect(AT_ONCE, CONTROL);
        other.collect(AT_ONCE, CONTROL);
        assertThat(other.statistics().packBytes()).isZero();

        try (var packs = Files.walk(directory.resolve("repository/packs"))) {
            flip(
                    packs.filter(Files::isRegularFile)
                            .max((one, two) -> Long.compare(
                                    one.toFile().length(), two.toFile().length()))
                            .orElseThrow(),
                    3 << 20);
        }
        Path out = directory.resolve("out.platter");
        assertThatThrownBy(() -> repository.export(repository.image("a"), out, CONTROL))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("image " + id)
                .hasMessageContaining("of pack ");
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("repository", "other", "a.platter");
    }

    private static void flip(Path file, long offset) throws IOException {
        byte[] all = Files.readAllBytes(file);
        all[(int) offset] ^= 1;
        Files.delete(file);
        Files.write(file, all);
    }

    @Test
    void twoAtOnceDoNotHarmEachOther() throws IOException {
        byte[] bytes = disk(10);
        Path file = captured("a.platter", bytes);
        CompletableFuture<CopyReport> one = CONTROL.start(control -> importInto(other, "a", file));
        CompletableFuture<CopyReport> two = CONTROL.start(control -> importInto(other, "b", file));
        one.join();
        two.join();
        checkHas(other, "a", bytes);
        checkHas(other, "b", bytes);
        Path out = directory.resolve("out.platter");
        CompletableFuture<CopyReport> first = CONTROL.start(control -> other.export(other.image("a"), out, control));
        CompletableFuture<CopyReport> second = CONTROL.start(control -> other.export(other.image("b"), out, control));
        assertThat(first.handle((report, failure) -> failure == null).join()
                        || second.handle((report, failure) -> failure == null).join())
                .isTrue();
        second.handle((report, failure) -> failure).join();
        checkHas(out, bytes);
    }

    @Test
    void aFileThatIsThereIsNotReplaced() throws IOException {
        repository.capture("a", Capture.of(MemoryDevice.over(disk(11))));
        Path out = Files.writeString(directory.resolve("out.platter"), "mine");
        assertThatThrownBy(() -> repository.export(repository.image("a"), out, CONTROL))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(out).hasContent("mine");
    }

    @Test
    void whatIsCancelledLeavesNothing() throws IOException {
        Path file = captured("a.platter", disk(12));
        CancellationToken token = new CancellationToken();
        AtomicLong time = new AtomicLong();
        JobControl control = CONTROL.with(changes -> changes.cancellation(token)
                .nanoClock(() -> time.addAndGet(10_000_000))
                .progress(progress -> {
                    assertThat(progress.total()).hasValue(SIZE);
                    if (progress.done() > SIZE / 4) {
                        token.cancel();
                    }
                }));
        try (ImageReader reader = ImageReader.open(file)) {
            assertThatThrownBy(() -> other.importImage("a", reader.newestImage(), control))
                    .isInstanceOf(CancellationException.class);
        }
        assertThat(token.isCancelled()).isTrue();
        assertThat(other.images()).isEmpty();
        importInto(repository, "a", file);
        Path out = directory.resolve("out.platter");
        assertThatThrownBy(() -> repository.export(repository.image("a"), out, control))
                .isInstanceOf(CancellationException.class);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("repository", "other", "a.platter");
    }

    @Test
    void whatIsKilledIsNotListedAndIsCollected() throws Exception {
        Path file = captured("a.platter", disk(13));
        counting.dies.set(true);
        assertThatThrownBy(() -> importInto(other, "a", file)).hasMessage("killed");
        counting.dies.set(false);
        assertThat(other.images()).isEmpty();
        assertThat(other.statistics().packBytes()).isPositive();
        Thread.sleep(20); // So that it has been silent for longer than no time.
        CollectOptions impatient = AT_ONCE.silence(Duration.ZERO);
        assertThat(other.collect(impatient, CONTROL).sessionsGivenUp()).isEqualTo(1);
        other.collect(impatient, CONTROL);
        assertThat(other.statistics().packBytes()).isZero();
        importInto(other, "a", file);
        checkHas(other, "a", disk(13));
    }

    @Test
    void whatAKilledExportLeavesIsNotInTheWayOfTheNext() throws IOException {
        byte[] bytes = disk(16);
        repository.capture("a", Capture.of(MemoryDevice.over(bytes)));
        Path out = directory.resolve("out.platter");
        Path partial = directory.resolve("out.platter.partial");
        Path left = directory.resolve("left");
        AtomicLong time = new AtomicLong();
        JobControl control = CONTROL.with(
                changes -> changes.nanoClock(() -> time.addAndGet(10_000_000)).progress(progress -> {
                    try {
                        if (Files.exists(partial)) {
                            Files.copy(partial, left, StandardCopyOption.REPLACE_EXISTING);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
        repository.export(repository.image("a"), out, control);
        assertThat(Files.size(left)).isBetween(1L << 20, Files.size(out) - 1);
        Files.delete(out);
        Files.move(left, partial);
        repository.export(repository.image("a"), out, CONTROL);
        assertThat(partial).doesNotExist();
        checkHas(out, bytes);
    }

    @Test
    void oneImageOfManyBecomesAFileWithoutTheOthers() throws IOException {
        byte[] first = disk(14);
        Path file = captured("a.platter", first);
        byte[] second = disk(15);
        System.arraycopy(first, 0, second, 0, SIZE / 4);
        try (ImageWriter writer =
                ImageWriter.append(file, new DiskGeometry(SIZE, 512, 4096), ImageOptions.defaults())) {
            Capture.of(MemoryDevice.over(second)).to(writer);
        }
        try (ImageReader reader = ImageReader.open(file)) {
            for (Image image : reader.images()) {
                repository.importImage("disk", image, CONTROL);
            }
            assertThat(repository.images()).hasSize(2);
            Path out = directory.resolve("out.platter");
            repository.export(repository.image(reader.image(2).info().id().toString()), out, CONTROL);
            assertThat(infoOf(out).id()).isEqualTo(reader.image(2).info().id());
            assertThat(infoOf(out).number()).isEqualTo(1);
            assertThat(Files.size(out)).isLessThan(Files.size(file) * 3 / 4);
            checkHas(out, second);
        }
    }
}
