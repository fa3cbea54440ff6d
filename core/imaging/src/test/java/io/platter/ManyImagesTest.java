package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.image.Sha256;
import io.platter.image.codec.RecordType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of more images than fit on one page of a directory. */
@Timeout(240)
class ManyImagesTest {
    private static final ImageOptions OPTIONS = ImageOptions.builder().build();

    @TempDir
    Path directory;

    /** Counts what is read of a file. */
    private static final class CountingChannel extends ByteArrayChannel {
        private long count;

        CountingChannel(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int read(ByteBuffer target) {
            int read = super.read(target);
            count += Math.max(read, 0);
            return read;
        }
    }

    private static byte[] disk(int number) {
        return ByteBuffer.allocate(512).putInt(number).array();
    }

    private Path images(int count) throws IOException {
        Path file = directory.resolve("images");
        for (int number = 1; number <= count; number++) {
            try (ImageWriter writer = number == 1
                    ? ImageWriter.create(file, DiskGeometry.ofSize(512), OPTIONS)
                    : ImageWriter.append(file, DiskGeometry.ofSize(512), OPTIONS)) {
                writer.data(0, ByteBuffer.wrap(disk(number)));
                writer.finish();
            }
        }
        return file;
    }

    private static void assertHolds(ImageReader reader, int number) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(512);
        reader.image(number).read(found, 0);
        assertThat(found.array()).as("image %d", number).isEqualTo(disk(number));
    }

    /** Writes the images of one disk in the same way as a writer does, but without forcing each to the medium. */
    private static byte[] crafted(int count) {
        CraftedFile file = new CraftedFile().file().announce(4096);
        CraftedFile.Page page = file.leaf(0, new CraftedFile.Run(CraftedFile.ZERO, 4096, 0));
        CraftedFile.Place last = CraftedFile.NONE;
        for (int number = 1; number <= count; number++) {
            CraftedFile.Root root = new CraftedFile.Root(page);
            root.number = number;
            last = file.image(root);
        }
        file.commit(last, CraftedFile.NONE, count);
        return file.bytes();
    }

    @Test
    void openingAFileOf10000ImagesReadsKilobytes() throws IOException {
        byte[] bytes = crafted(10_000);
        CountingChannel channel = new CountingChannel(bytes);
        try (ImageReader reader = ImageReader.open(channel)) {
            assertThat(channel.count).isLessThan(20_000);
            assertThat(reader.newestImage().number()).isEqualTo(10_000);
            assertThat(reader.image(5_000).number()).isEqualTo(5_000);
            assertThat(channel.count).isLessThan(50_000);
            assertThat(reader.images()).hasSize(10_000);
            assertThat(channel.count).isLessThan(6 << 20);
        }
    }

    @Test
    void eachOfManyImagesIsFoundAndAppendedTo() throws IOException {
        Path file = images(140);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.imageCount()).isEqualTo(140);
            for (int number = 1; number <= 140; number++) {
                assertHolds(reader, number);
            }
            Verify.of(reader).control(control -> control.threads(1)).full();
        }
    }

    @Test
    void noByteOfTheDirectoryHidesAnImage() throws IOException {
        byte[] bytes = Files.readAllBytes(images(70));
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> pages = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += 32 + in.getInt(at + 8)) {
            if (bytes[at + 4] == RecordType.DIRECTORY.code()) {
                pages.add(at);
            }
        }
        assertThat(pages.size()).isGreaterThan(70);
        for (int page : pages.subList(60, pages.size())) {
            int length = 32 + in.getInt(page + 8);
            for (int at = page; at < page + length; at += 61) {
                bytes[at] ^= 4;
                try (ImageReader reader = ImageReader.open(new ByteArrayChannel(bytes))) {
                    for (int number : new int[] {1, 2, 63, 64, 65, 66, 69, 70}) {
                        assertHolds(reader, number);
                    }
                    assertThatThrownBy(() -> Verify.of(reader)
                                    .control(control -> control.threads(1))
                                    .quick())
                            .isInstanceOf(CorruptImageException.class);
                }
                bytes[at] ^= 4;
            }
        }
    }

    @Test
    void theHashOfTheLastCommitTellsOfARollback() throws IOException {
        Path file = images(2);
        byte[] two = Files.readAllBytes(file);
        Sha256 before;
        try (ImageReader reader = ImageReader.open(file)) {
            before = reader.commitHash();
        }
        images3(file);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.commitHash()).isNotEqualTo(before);
        }
        try (SeekableByteChannel rolledBack = new ByteArrayChannel(two);
                ImageReader reader = ImageReader.open(rolledBack)) {
            assertThat(reader.commitHash()).isEqualTo(before);
        }
    }

    private static void images3(Path file) throws IOException {
        try (ImageWriter writer = ImageWriter.append(file, DiskGeometry.ofSize(512), OPTIONS)) {
            writer.data(0, ByteBuffer.wrap(disk(3)));
            writer.finish();
        }
    }
}
