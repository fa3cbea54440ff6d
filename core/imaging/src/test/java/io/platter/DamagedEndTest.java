package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.FileEnd;
import io.platter.image.ImageOptions;
import io.platter.image.NoSuchImageException;
import io.platter.job.StreamRestoreReport;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file that does not end with a commit: what is read of it, and what a writer may cut off. */
@Timeout(240)
class DamagedEndTest {
    private static final ImageOptions OPTIONS = ImageOptions.builder().build();
    private static final ImageOptions DISCARDING =
            OPTIONS.toBuilder().discardDamagedEnd(true).build();

    /** The length of one copy of a commit, and of the file's header. Source: docs/format.md, sections 5 and 9. */
    private static final int COMMIT = 512;

    private static final int HEADER = 4096;

    private static final int FRAME_TYPE = 2;
    private static final int IMAGE_TYPE = 5;
    private static final int COMMIT_TYPE = 6;

    private final byte[] first = noise(1, 40_000);
    private final byte[] second = noise(2, 30_000);

    @TempDir
    Path directory;

    private Path file;
    private byte[] twoImages;

    private static byte[] noise(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @BeforeEach
    void makeFile() throws IOException {
        file = directory.resolve("image");
        write(ImageWriter.create(file, DiskGeometry.ofSize(first.length), OPTIONS), first);
        write(ImageWriter.append(file, DiskGeometry.ofSize(second.length), OPTIONS), second);
        twoImages = Files.readAllBytes(file);
    }

    private static void write(ImageWriter writer, byte[] disk) throws IOException {
        try (writer) {
            writer.data(
                    writer.position(),
                    ByteBuffer.wrap(disk, (int) writer.position(), disk.length - (int) writer.position()));
            writer.finish();
        }
    }

    private static byte[] content(Image image) throws IOException {
        byte[] bytes = new byte[(int) image.size()];
        image.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    /** Returns where the records of a type start. */
    private static List<Integer> starts(byte[] bytes, int type) {
        List<Integer> starts = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.length; at += 32 + in.getInt(at + 8)) {
            if (bytes[at + 4] == type) {
                starts.add(at);
            }
        }
        return starts;
    }

    private void assertRefused(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(() -> ImageWriter.append(file, DiskGeometry.ofSize(512), OPTIONS))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining("damaged");
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void noByteOfTheLastCommitOrOfTheHeaderCostsAnything() throws IOException {
        for (int at = 0; at < 2 * HEADER; at += at % HEADER < 200 ? 1 : 97) {
            assertCostsNothing(at, at / HEADER * HEADER);
        }
        for (int at = twoImages.length - 2 * COMMIT; at < twoImages.length; at++) {
            assertCostsNothing(at, twoImages.length - (at < twoImages.length - COMMIT ? 2 * COMMIT : COMMIT));
        }
    }

    private void assertCostsNothing(int at, int copy) throws IOException {
        byte[] damaged = twoImages.clone();
        damaged[at] ^= (byte) 0xFF;
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(damaged))) {
            assertThat(reader.end().state()).as("byte %d", at).isEqualTo(FileEnd.State.DAMAGED);
            assertThat(reader.end().offset()).isEqualTo(copy);
            assertThat(reader.end().bytes()).isZero();
            assertThat(reader.images()).hasSize(2);
            assertThat(content(reader.newestImage())).isEqualTo(second);
            assertThat(content(reader.image(1))).isEqualTo(first);
            assertThatThrownBy(() -> Verify.of(reader)
                            .control(control -> control.threads(1))
                            .quick())
                    .isInstanceOf(CorruptImageException.class);
        }
        if (at % 31 == 0) {
            assertAppendKeeps(damaged, true);
            assertThat(Files.readAllBytes(file)).startsWith(twoImages);
        }
    }

    @Test
    void bothCopiesOfTheLastCommitCostNothingIfTheImageIsWhole() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            byte[] damaged = twoImages.clone();
            damaged[twoImages.length - 1 - random.nextInt(COMMIT)] ^= (byte) (1 << random.nextInt(8));
            damaged[twoImages.length - 1 - COMMIT - random.nextInt(COMMIT)] ^= (byte) (1 << random.nextInt(8));
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(damaged))) {
                assertThat(reader.end().state()).as("round %d", round).isEqualTo(FileEnd.State.DAMAGED);
                assertThat(reader.end().detail()).contains("image 2 is complete, but for its commit");
                assertThat(content(reader.newestImage())).isEqualTo(second);
                assertThat(content(reader.image(1))).isEqualTo(first);
                assertThatThrownBy(() -> Verify.of(reader)
                                .control(control -> control.threads(1))
                                .quick())
                        .isInstanceOf(CorruptImageException.class);
            }
            assertRefused(damaged);
        }
        write(ImageWriter.append(file, DiskGeometry.ofSize(first.length), DISCARDING), first);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.end().state()).isEqualTo(FileEnd.State.CLEAN);
            assertThat(content(reader.image(2))).isEqualTo(second);
            assertThat(content(reader.image(3))).isEqualTo(first);
            Verify.of(reader).control(control -> control.threads(1)).full();
        }
    }

    @Test
    void aReservedBitInTheFirstFrameAndAStrayByteCostNothing() throws IOException {
        byte[] damaged = Arrays.copyOf(twoImages, twoImages.length + 1);
        damaged[starts(twoImages, FRAME_TYPE).get(0) + 6] ^= 1;
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(damaged))) {
            assertThat(reader.end().state()).isEqualTo(FileEnd.State.TORN);
            assertThat(reader.end().offset()).isEqualTo(twoImages.length);
            assertThat(reader.images()).hasSize(2);
            assertThat(content(reader.newestImage())).isEqualTo(second);
            assertThatThrownBy(() -> content(reader.image(1))).isInstanceOf(ImageFormatException.class);
        }
        Files.write(file, damaged);
        byte[] third = noise(3, 20_000);
        write(ImageWriter.append(file, DiskGeometry.ofSize(third.length), OPTIONS), third);
        assertThat(Files.readAllBytes(file)).startsWith(Arrays.copyOf(damaged, twoImages.length));
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(content(reader.image(2))).isEqualTo(second);
            assertThat(content(reader.newestImage())).isEqualTo(third);
        }
    }

    @Test
    void damagedCommitsInTheMiddleDoNotHideWhatFollows() throws IOException {
        byte[] damaged = twoImages.clone();
        List<Integer> commits = starts(twoImages, COMMIT_TYPE);
        for (int copy = 0; copy < commits.size() - 2; copy++) {
            damaged[commits.get(copy) + 50] ^= 1;
        }
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(damaged))) {
            assertThat(reader.end().state()).isEqualTo(FileEnd.State.CLEAN);
            assertThat(content(reader.newestImage())).isEqualTo(second);
            assertThat(content(reader.image(1))).isEqualTo(first);
            assertThatThrownBy(() -> Verify.of(reader)
                            .control(control -> control.threads(1))
                            .quick())
                    .isInstanceOf(CorruptImageException.class);
        }
    }

    @Test
    void anOlderImageIsNeverGivenForOneThatCannotBeReached() throws IOException {
        byte[] damaged = twoImages.clone();
        damaged[twoImages.length - 40] ^= 1;
        damaged[twoImages.length - COMMIT - 40] ^= 1;
        damaged[starts(twoImages, FRAME_TYPE).get(1) + 3] ^= 1;
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(damaged))) {
            assertThat(reader.end().state()).isEqualTo(FileEnd.State.DAMAGED);
            assertThatThrownBy(reader::newestImage)
                    .isInstanceOf(CorruptImageException.class)
                    .hasMessageContaining("can't be reached")
                    .hasMessageContaining("it holds image 1, to be asked for by number");
            assertThat(content(reader.image(1))).isEqualTo(first);
        }
        assertRefused(damaged);
        write(ImageWriter.append(file, DiskGeometry.ofSize(second.length), DISCARDING), second);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.images()).hasSize(2);
            Verify.of(reader).control(control -> control.threads(1)).full();
        }
    }

    @Test
    void aDamagedRootCostsItsImageOnly() throws IOException {
        byte[] damaged = twoImages.clone();
        int root = starts(twoImages, IMAGE_TYPE).get(3);
        damaged[root + 60] ^= 1;
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(damaged))) {
            assertThat(reader.images()).hasSize(1);
            assertThat(content(reader.image(1))).isEqualTo(first);
            assertThat(reader.unreadableImages()).containsOnlyKeys(2);
            assertThatThrownBy(reader::newestImage)
                    .isInstanceOf(CorruptImageException.class)
                    .hasMessageContaining("image 2 can't be read")
                    .hasMessageContaining("it holds the images 1 to 2");
        }
        Files.write(file, damaged);
        write(ImageWriter.append(file, DiskGeometry.ofSize(second.length), OPTIONS), second);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(content(reader.image(3))).isEqualTo(second);
            assertThat(reader.unreadableImages()).containsOnlyKeys(2);
        }
    }

    @Test
    void aFileCutOffAnywhereIsTornAndAppendedTo() throws IOException {
        int firstEnd = starts(twoImages, COMMIT_TYPE).get(3) + COMMIT;
        int lastRootEnd = starts(twoImages, IMAGE_TYPE).get(3) + CraftedFile.IMAGE_LENGTH;
        Random random = new Random(5);
        for (int length = firstEnd; length < twoImages.length; length += 1 + random.nextInt(600)) {
            byte[] cut = Arrays.copyOf(twoImages, length);
            boolean complete = length >= lastRootEnd;
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(cut))) {
                FileEnd.State expected =
                        starts(twoImages, COMMIT_TYPE).contains(length - COMMIT) && length % 4096 == COMMIT
                                ? FileEnd.State.CLEAN
                                : FileEnd.State.TORN;
                assertThat(reader.end().state()).as("cut off at %d", length).isEqualTo(expected);
                assertThat(reader.images()).hasSize(complete ? 2 : 1);
                assertThat(content(reader.newestImage())).isEqualTo(complete ? second : first);
            }
            if (random.nextInt(8) == 0 || complete) {
                assertAppendKeeps(cut, complete);
            }
        }
    }

    private void assertAppendKeeps(byte[] cut, boolean complete) throws IOException {
        Files.write(file, cut);
        write(ImageWriter.append(file, DiskGeometry.ofSize(first.length), OPTIONS), first);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.images()).hasSize(complete ? 3 : 2);
            assertThat(content(reader.image(1))).isEqualTo(first);
            assertThat(content(reader.image(2))).isEqualTo(complete ? second : first);
            Verify.of(reader).control(control -> control.threads(1)).full();
        }
    }

    @Test
    void aCaptureKilledAtAnyMomentResumes() throws IOException {
        Path partial = directory.resolve("other.partial");
        Path image = directory.resolve("other");
        ImageOptions options = OPTIONS.toBuilder().cut(CutRule.fixed(4096)).build();
        write(ImageWriter.create(image, DiskGeometry.ofSize(first.length), options), first);
        byte[] whole = Files.readAllBytes(image);
        int announced = starts(whole, COMMIT_TYPE).get(1) + COMMIT;
        int rootEnd = starts(whole, IMAGE_TYPE).get(1) + CraftedFile.IMAGE_LENGTH;
        List<Integer> lengths =
                new ArrayList<>(List.of(announced, rootEnd - 1, rootEnd, rootEnd + 31, whole.length - COMMIT - 1));
        for (int length = announced; length < whole.length - COMMIT; length += 5003) {
            lengths.add(length);
        }
        for (int length : lengths) {
            Files.delete(image);
            Files.write(partial, Arrays.copyOf(whole, length));
            try (ImageWriter writer = ImageWriter.resume(image, options)) {
                assertThat(writer.position())
                        .as("killed at %d", length)
                        .isEqualTo(length >= rootEnd ? first.length : 0);
                if (length < rootEnd) {
                    writer.data(0, ByteBuffer.wrap(first));
                }
                writer.finish();
            }
            try (ImageReader reader = ImageReader.open(image)) {
                assertThat(reader.images()).hasSize(1);
                assertThat(content(reader.newestImage())).isEqualTo(first);
                Verify.of(reader).control(control -> control.threads(1)).full();
            }
            SparseDevice disk = new SparseDevice(1 << 20);
            assertThat(StreamRestore.of(new ByteArrayChannel(Files.readAllBytes(image)))
                            .to(disk)
                            .end()
                            .state())
                    .isEqualTo(FileEnd.State.CLEAN);
        }
    }

    @Test
    void aCaptureKilledBetweenTheCopiesOfItsCommitIsFinished() throws IOException {
        Path partial = directory.resolve("other.partial");
        Path image = directory.resolve("other");
        write(ImageWriter.create(image, DiskGeometry.ofSize(first.length), OPTIONS), first);
        byte[] whole = Files.readAllBytes(image);
        for (int length : new int[] {whole.length - COMMIT, whole.length - 100, whole.length - 1, whole.length}) {
            Files.delete(image);
            Files.write(partial, Arrays.copyOf(whole, length));
            assertThat(ImageWriter.canResume(image)).isFalse();
            assertThat(ImageWriter.publishFinished(image)).isTrue();
            assertThat(Files.readAllBytes(image)).isEqualTo(whole);
        }
    }

    @Test
    void aCapturedDiskThatHoldsImageFilesIsNoDamage() throws IOException {
        // Its frames are stored as they are, and hold roots, commits at ends of 4096 and all that they name.
        byte[] disk = Arrays.copyOf(twoImages, twoImages.length + 4096);
        write(ImageWriter.append(file, DiskGeometry.ofSize(disk.length), OPTIONS), disk);
        byte[] whole = Files.readAllBytes(file);
        for (int length = twoImages.length + 1;
                length < starts(whole, IMAGE_TYPE).get(5);
                length += 1009) {
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(Arrays.copyOf(whole, length)))) {
                assertThat(reader.end().state()).isNotEqualTo(FileEnd.State.DAMAGED);
                assertThat(content(reader.newestImage())).isEqualTo(second);
            }
        }
        int torn = starts(whole, FRAME_TYPE).get(2);
        byte[] noise =
                Arrays.copyOf(whole, starts(whole, 3).get(starts(whole, 3).size() - 1));
        noise[torn + 5] ^= 1; // A power cut that lost the sector with the header, but not those that follow.
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(noise))) {
            assertThat(reader.end().state()).isEqualTo(FileEnd.State.TORN);
            assertThat(content(reader.newestImage())).isEqualTo(second);
        }
    }

    @Test
    void aTornStreamTellsOfItsOtherImagesAndOfTheTear() throws IOException {
        byte[] torn = Arrays.copyOf(twoImages, twoImages.length + 100);
        StreamRestoreReport report =
                StreamRestore.of(new ByteArrayChannel(torn)).to(new SparseDevice(1 << 20));
        assertThat(report.moreImages()).isTrue();
        assertThat(report.end().state()).isNotEqualTo(FileEnd.State.CLEAN);
        assertThat(report.end().bytes()).isEqualTo(100);
        assertThat(report.end().offset()).isEqualTo(twoImages.length);

        byte[] cut = Arrays.copyOf(twoImages, twoImages.length - 10);
        report = StreamRestore.of(new ByteArrayChannel(cut)).to(new SparseDevice(1 << 20));
        assertThat(report.moreImages()).isTrue();
        assertThat(report.end().state()).isEqualTo(FileEnd.State.TORN);

        byte[] announcedOnly =
                Arrays.copyOf(twoImages, starts(twoImages, COMMIT_TYPE).get(5) + COMMIT);
        report = StreamRestore.of(new ByteArrayChannel(announcedOnly)).to(new SparseDevice(1 << 20));
        assertThat(report.moreImages()).isFalse();
        assertThat(report.end().state()).isEqualTo(FileEnd.State.CLEAN);
    }

    @Test
    void whatAFileDoesNotHaveIsSaidInAnExceptionThatIsChecked() throws IOException {
        byte[] announcedOnly =
                Arrays.copyOf(twoImages, starts(twoImages, COMMIT_TYPE).get(1) + COMMIT);
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(announcedOnly))) {
            assertThatThrownBy(reader::newestImage)
                    .isInstanceOf(NoSuchImageException.class)
                    .hasMessageContaining("no complete image yet");
        }
        try (ImageReader reader = ImageReader.open(file)) {
            assertThatThrownBy(() -> reader.image(7))
                    .isInstanceOf(NoSuchImageException.class)
                    .hasMessageContaining("no image 7 in")
                    .hasMessageContaining("it holds the images 1 to 2");
        }
        for (byte[] raw : List.of(
                new byte[1 << 20],
                new byte[512],
                "PK zip".repeat(1000).getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            assertThatThrownBy(() -> ImageReader.open(new ByteArrayChannel(raw)))
                    .isInstanceOf(ImageFormatException.class)
                    .hasMessageStartingWith("not a Platter image");
            assertThatThrownBy(() -> StreamRestore.of(new ByteArrayChannel(raw)).to(new SparseDevice(512)))
                    .isInstanceOf(ImageFormatException.class)
                    .hasMessageStartingWith("not a Platter image");
        }
    }
}
