package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.image.UnfinishedImageException;
import io.platter.job.CaptureOptions;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that was not finished, or did not get its name, is never thrown away unasked. */
class UnfinishedImageTest {
    private static final int SIZE = 2_000_000;
    private static final ImageOptions OPTIONS = ImageOptions.builder().build();

    private final byte[] disk = new byte[SIZE];

    @TempDir
    Path directory;

    private Path image;
    private Path partial;

    @BeforeEach
    void names() {
        new Random(5).nextBytes(disk);
        image = directory.resolve("image");
        partial = directory.resolve("image.partial");
    }

    private ImageWriter create() throws IOException {
        return ImageWriter.create(image, DiskGeometry.ofSize(SIZE), OPTIONS);
    }

    /** Leaves an image with a checkpoint, and returns how much of the disk it covers. */
    private long leaveUnfinished() throws IOException {
        try (ImageWriter writer = create()) {
            writer.data(0, ByteBuffer.wrap(disk, 0, SIZE / 2));
            writer.checkpoint();
        }
        try (ImageReader reader = ImageReader.open(partial)) {
            return reader.unfinishedImage().orElseThrow().size();
        }
    }

    private void assertStays(org.assertj.core.api.ThrowableAssert.ThrowingCallable job, String reason)
            throws IOException {
        byte[] before = Files.readAllBytes(partial);
        assertThatThrownBy(job).isInstanceOf(UnfinishedImageException.class).hasMessageContaining(reason);
        assertThat(partial).hasBinaryContent(before);
        assertThat(image).doesNotExist();
    }

    @Test
    void anUnfinishedCaptureStaysThoughResumingWasForgotten() throws IOException {
        String reason = partial + ": holds an unfinished capture up to disk offset " + leaveUnfinished()
                + "; resume it, or discard it";
        assertStays(this::create, reason);
        assertStays(
                () -> ImageWriter.create(
                        image,
                        DiskGeometry.ofSize(SIZE),
                        OPTIONS.toBuilder().replaceExisting(true).build()),
                reason);
        assertStays(
                () -> Convert.of(MemoryDevice.over(disk))
                        .toNewFile(image, VirtualDisks.named("raw").orElseThrow(), VirtualDiskOptions.defaults()),
                reason);
        byte[] other = ModelDisk.of(disk).toImage(OPTIONS);
        assertStays(
                () -> StreamRestore.of(Channels.newChannel(new java.io.ByteArrayInputStream(other)))
                        .toNewFile(image),
                reason);
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(other))) {
            assertStays(() -> Restore.of(reader.newestImage()).toNewFile(image), reason);
        }
        try (ImageWriter writer = ImageWriter.resume(image, OPTIONS)) {
            Capture.of(MemoryDevice.over(disk))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        assertThat(partial).doesNotExist();
    }

    @Test
    void anUnfinishedCaptureIsDiscardedWhenThatIsSaid() throws IOException {
        leaveUnfinished();
        assertThat(ImageWriter.discardUnfinished(image)).isTrue();
        assertThat(directory).isEmptyDirectory();
        assertThat(ImageWriter.discardUnfinished(image)).isFalse();
        create().close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aCaptureThatWasKilledBeforeItsFirstCheckpointIsTakenOver() throws IOException {
        byte[] killed = killedBeforeTheFirstCheckpoint();
        for (int length : new int[] {0, 3, 32, 4096, 5000, 8192, killed.length}) {
            Files.write(partial, java.util.Arrays.copyOf(killed, Math.min(length, killed.length)));
            try (ImageWriter writer = create()) {
                Capture.of(MemoryDevice.over(disk))
                        .options(CaptureOptions.everything())
                        .to(writer);
            }
            assertThat(partial).doesNotExist();
            Files.delete(image);
        }
    }

    /** A stream has the commit before the data, but no checkpoints; cut off, it is what a kill leaves. */
    private byte[] killedBeforeTheFirstCheckpoint() throws IOException {
        byte[] whole = ModelDisk.of(disk).toImage(OPTIONS);
        return java.util.Arrays.copyOf(whole, whole.length / 2);
    }

    @Test
    void anImageThatCannotBeReadIsNotThrownAway() throws IOException {
        leaveUnfinished();
        byte[] damaged = Files.readAllBytes(partial);
        damaged[60]++;
        damaged[4096 + 60]++;
        Files.write(partial, damaged);
        assertStays(this::create, "may hold an unfinished capture, but can't be read");
    }

    @Test
    void aFinishedImageWhoseNameWasTakenStaysAndIsPublishedLater() throws IOException {
        try (ImageWriter writer = create()) {
            writer.data(0, ByteBuffer.wrap(disk));
            Files.writeString(image, "mine");
            assertThatThrownBy(writer::finish)
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining("what was written is " + partial);
        }
        assertThat(image).hasContent("mine");
        assertThatThrownBy(() -> ImageWriter.publishFinished(image)).isInstanceOf(FileAlreadyExistsException.class);
        Files.delete(image);
        assertStays(this::create, "holds a finished image that did not get its name; publish it, or discard it");
        assertThat(ImageWriter.publishFinished(image)).isTrue();
        assertThat(partial).doesNotExist();
        try (ImageReader reader = ImageReader.open(image)) {
            assertThat(Verify.of(reader.newestImage()).differences(MemoryDevice.over(disk)))
                    .isEmpty();
        }
        assertThat(ImageWriter.publishFinished(image)).isFalse();
    }

    @Test
    void anImageThatWasKilledBetweenItsTwoNamesIsPublished() throws IOException {
        try (ImageWriter writer = create()) {
            Capture.of(MemoryDevice.over(disk))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        Files.createLink(partial, image);
        assertThat(ImageWriter.publishFinished(image)).isTrue();
        assertThat(partial).doesNotExist();
        assertThat(image).exists();
    }

    @Test
    void onlyFinishedImagesArePublished() throws IOException {
        leaveUnfinished();
        assertThat(ImageWriter.publishFinished(image)).isFalse();
        assertThat(image).doesNotExist();
        assertThat(ImageWriter.canResume(image)).isTrue();
    }

    @Test
    void anImageReplacesAnotherWhenThatIsSaid() throws IOException {
        Files.writeString(image, "old");
        assertThatThrownBy(this::create).isInstanceOf(FileAlreadyExistsException.class);
        ImageOptions replacing = OPTIONS.toBuilder().replaceExisting(true).build();
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.ofSize(SIZE), replacing)) {
            writer.data(0, ByteBuffer.wrap(disk, 0, SIZE / 2));
        }
        assertThat(image).hasContent("old");
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.ofSize(SIZE), replacing)) {
            Capture.of(MemoryDevice.over(disk))
                    .options(CaptureOptions.everything())
                    .to(writer);
        }
        try (ImageReader reader = ImageReader.open(image)) {
            assertThat(reader.newestImage().size()).isEqualTo(SIZE);
        }
    }

    private void takeTheName() {
        try {
            if (!Files.exists(image)) {
                Files.writeString(image, "mine");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private long clock() {
        takeTheName();
        return 0;
    }

    private void assertNotReplaced(org.assertj.core.api.ThrowableAssert.ThrowingCallable job) throws IOException {
        assertThatThrownBy(job)
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("appeared meanwhile and is not replaced; what was written is " + partial);
        assertThat(image).hasContent("mine");
        assertThat(partial).hasBinaryContent(disk);
        Files.delete(image);
    }

    @Test
    void aNameThatAppearsMeanwhileIsReplacedByNoJob() throws IOException {
        byte[] file = ModelDisk.of(disk).toImage(OPTIONS);
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            assertNotReplaced(() -> Restore.of(reader.newestImage())
                    .control(control -> control.nanoClock(this::clock))
                    .toNewFile(image));
        }
        assertNotReplaced(() -> StreamRestore.of(new ByteArrayChannel(file))
                .control(control -> control.progress(progress -> takeTheName()))
                .toNewFile(image));
        FaultyDisk source = new FaultyDisk(disk, java.util.Set.of()).onRead(this::takeTheName);
        assertNotReplaced(() -> Convert.of(source)
                .toNewFile(image, VirtualDisks.named("raw").orElseThrow(), VirtualDiskOptions.defaults()));
    }
}
