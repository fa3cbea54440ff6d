package io.platter.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import io.platter.image.NoSuchImageException;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.repository.store.DirectoryStore;
import io.platter.testkit.FaultyDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
    private static final int SIZE = 24 << 20;
    private static final CollectOptions AT_ONCE = CollectOptions.defaults().grace(Duration.ZERO);

    @TempDir
    Path directory;

    private Repository repository;

    @BeforeEach
    void init() throws IOException {
        repository = Repository.init(directory.resolve("repository"));
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
    }

    /** Returns a disk of noise and zeros. */
    static byte[] disk(long seed) {
        byte[] noise = new byte[SIZE / 2];
        new Random(seed).nextBytes(noise);
        return Arrays.copyOf(noise, SIZE);
    }

    private CaptureReport capture(String name, byte[] bytes) throws IOException {
        return repository.capture(name, Capture.of(MemoryDevice.over(bytes)));
    }

    private void checkRestores(String name, byte[] expected) throws IOException {
        MemoryDevice restored = MemoryDevice.ofSize(SIZE);
        byte[] found = new byte[SIZE];
        try (ImageReader reader = repository.reader(repository.image(name))) {
            Restore.of(reader.newestImage()).to(restored);
        }
        restored.read(ByteBuffer.wrap(found), 0);
        assertThat(Arrays.mismatch(found, expected)).isEqualTo(-1);
    }

    private long packBytes() throws IOException {
        return repository.statistics().packBytes();
    }

    @Test
    void whatIsCapturedIsListedAndRestored() throws IOException {
        byte[] bytes = disk(1);
        CaptureReport report = capture("web 1/ä", bytes);
        assertThat(repository.images()).hasSize(1).first().satisfies(image -> {
            assertThat(image.name()).isEqualTo("web 1/ä");
            assertThat(image.info().id()).isEqualTo(report.image().id());
            assertThat(image.info().disk().size()).isEqualTo(SIZE);
        });
        checkRestores("web 1/ä", bytes);
        checkRestores(report.image().id().toString().substring(0, 8), bytes);
        CheckReport check = repository.check(true, JobControl.defaults());
        assertThat(check.problems()).isEmpty();
        assertThat(check.blocks()).isPositive();
    }

    @Test
    void anotherProgramSeesTheSame() throws IOException {
        byte[] bytes = disk(2);
        capture("a", bytes);
        try (Repository other = Repository.open(directory.resolve("repository"))) {
            assertThat(other.id()).isEqualTo(repository.id());
            assertThat(other.images()).hasSize(1);
            other.capture("b", Capture.of(MemoryDevice.over(bytes)));
        }
        checkRestores("b", bytes);
    }

    @Test
    void anUnchangedDiskAddsNoPack() throws IOException {
        byte[] bytes = disk(3);
        capture("a", bytes);
        long before = packBytes();
        assertThat(capture("a", bytes).image().statistics().newBytes()).isZero();
        assertThat(packBytes()).isEqualTo(before);
        capture("b", bytes);
        assertThat(packBytes() - before).isLessThan(before / 30);
    }

    @Test
    void whatIsForgottenIsFreedByTwoCollections() throws IOException {
        byte[] kept = disk(4);
        byte[] forgotten = disk(5);
        capture("kept", kept);
        long alone = packBytes();
        capture("forgotten", forgotten);
        repository.forget(repository.image("forgotten"));
        assertThatThrownBy(() -> repository.image("forgotten")).isInstanceOf(NoSuchImageException.class);
        CollectReport first = repository.collect(AT_ONCE, JobControl.defaults());
        assertThat(first.packsGivenUp()).isPositive();
        assertThat(first.packsDeleted()).isZero();
        CollectReport second = repository.collect(AT_ONCE, JobControl.defaults());
        assertThat(second.packsDeleted()).isEqualTo(first.packsGivenUp());
        assertThat(second.waitingFor()).isZero();
        assertThat(packBytes()).isEqualTo(alone);
        checkRestores("kept", kept);
        assertThat(repository.check(true, JobControl.defaults()).problems()).isEmpty();
    }

    @Test
    void whatIsNeededOfASparsePackIsMoved() throws IOException {
        byte[] bytes = disk(6);
        capture("old", bytes);
        byte[] changed = disk(7);
        System.arraycopy(bytes, 0, changed, 0, 4 << 20);
        capture("new", changed);
        repository.forget(repository.image("old"));
        CollectReport first = repository.collect(AT_ONCE, JobControl.defaults());
        assertThat(first.bytesMoved()).isBetween(3L << 20, 6L << 20);
        checkRestores("new", changed);
        try (ImageReader reader = repository.reader(repository.image("new"))) {
            // Open while the packs go.
            assertThat(repository.collect(AT_ONCE, JobControl.defaults()).packsDeleted())
                    .isPositive();
            MemoryDevice restored = MemoryDevice.ofSize(SIZE);
            Restore.of(reader.newestImage()).to(restored);
        }
        checkRestores("new", changed);
        // What was moved is found again.
        assertThat(capture("new", changed).image().statistics().newBytes()).isZero();
        assertThat(repository.check(true, JobControl.defaults()).problems()).isEmpty();
        assertThat(packBytes()).isLessThan(16 << 20);
    }

    @Test
    void aPackIsKeptForWhoeverBeganBefore() throws IOException {
        byte[] bytes = disk(8);
        capture("a", bytes);
        RepositoryImage image = repository.image("a");
        try (Repository other = Repository.open(directory.resolve("repository"))) {
            other.capture(
                    "b", Capture.of(MemoryDevice.over(bytes)).control(control -> control.progress(progress -> {})));
        }
        assertThat(repository.images()).hasSize(2);
        repository.forget(image);
        repository.collect(AT_ONCE, JobControl.defaults());
        repository.collect(AT_ONCE, JobControl.defaults());
        checkRestores("b", bytes);
    }

    @Test
    void damageIsToldByImageAndPlace() throws IOException {
        capture("a", disk(9));
        Path pack;
        try (var files = Files.walk(directory.resolve("repository/packs"))) {
            pack = files.filter(Files::isRegularFile)
                    .max((one, two) ->
                            Long.compare(one.toFile().length(), two.toFile().length()))
                    .orElseThrow();
        }
        byte[] damaged = Files.readAllBytes(pack);
        damaged[3 << 20] ^= 1;
        Files.delete(pack);
        Files.write(pack, damaged);
        assertThat(repository.check(false, JobControl.defaults()).isSound()).isTrue();
        assertThat(repository.check(true, JobControl.defaults()).problems())
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem).contains("a of ").contains("disk offset"));
        Files.delete(pack);
        assertThat(repository.check(false, JobControl.defaults()).problems())
                .hasSize(1)
                .first()
                .asString()
                .contains("is not there");
    }

    @Test
    void aDamagedManifestHidesNoOtherImage() throws IOException {
        capture("a", disk(11));
        capture("b", disk(12));
        Path manifest =
                directory.resolve("repository").resolve(repository.image("a").key() + ".end");
        byte[] bytes = Files.readAllBytes(manifest);
        Arrays.fill(bytes, 8192, bytes.length, (byte) 1);
        Files.delete(manifest);
        Files.write(manifest, bytes);
        try (Repository other = Repository.open(directory.resolve("repository"))) {
            assertThat(other.images()).extracting(RepositoryImage::name).containsExactly("b");
            assertThatThrownBy(() -> other.image("a")).isInstanceOf(ImageFormatException.class);
            assertThat(other.check(false, JobControl.defaults()).problems())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("a of ")
                    .contains("no commit");
            // Nobody knows what the image needs.
            assertThatThrownBy(() -> other.collect(AT_ONCE, JobControl.defaults()))
                    .hasMessageContaining(".a.end");
            other.capture("a", Capture.of(MemoryDevice.over(disk(11))));
        }
        checkRestores("a", disk(11));
    }

    @Test
    void theNewestIsTheOneThatWasBegunLastHoweverFast() throws IOException {
        try (Repository coarse = Repository.open(
                DirectoryStore.open(directory.resolve("repository")),
                new Surroundings(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), new Random(1), 0, 32 << 20))) {
            for (int i = 0; i < 9; i++) {
                byte[] bytes = {(byte) i, 1, 2, 3};
                String id = coarse.capture("a", Capture.of(MemoryDevice.over(bytes)))
                        .image()
                        .id()
                        .toString();
                assertThat(coarse.image("a").info().id()).hasToString(id);
            }
        }
        assertThat(repository.image("a").time()).isEqualTo(Instant.EPOCH.plusNanos(9000));
    }

    @Test
    void anInterruptedThreadReadsAllTheSame() throws IOException {
        byte[] bytes = disk(13);
        capture("a", bytes);
        ByteBuffer found = ByteBuffer.allocate(SIZE);
        try (ImageReader reader = repository.reader(repository.image("a"))) {
            Thread.currentThread().interrupt();
            reader.newestImage().read(found, 0);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(Arrays.mismatch(found.array(), bytes)).isEqualTo(-1);
    }

    @Test
    void thereIsOneRepositoryInADirectory() {
        assertThatThrownBy(() -> Repository.init(directory.resolve("repository")))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Repository.open(directory)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Repository.open(directory.resolve("nothing"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void whatWasNotFinishedIsNotListed() throws IOException {
        byte[] bytes = disk(10);
        FaultyDevice disk = FaultyDevice.withBadSector(MemoryDevice.over(bytes), 9 << 20);
        assertThatThrownBy(() -> repository.capture("a", Capture.of(disk))).isInstanceOf(IOException.class);
        assertThat(repository.images()).isEmpty();
        repository.collect(AT_ONCE, JobControl.defaults());
        repository.collect(AT_ONCE, JobControl.defaults());
        assertThat(packBytes()).isZero();
        assertThat(repository.statistics().indexBytes()).isZero();
    }
}
