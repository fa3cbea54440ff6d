package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.ImageOptions;
import io.platter.image.Sha256;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void theCodeStillWritesTheGoldenBytes(Golden golden) throws IOException {
        assertThat(golden.make(directory)).isEqualTo(golden.bytes());
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/golden/v0.2/digests.csv", numLinesToSkip = 1)
    void goldenImagesReadAsTheirDigestsSay(String file, int number, String id, String content) throws IOException {
        Golden golden = Golden.READABLE.stream()
                .filter(each -> each.fileName().equals(file))
                .findFirst()
                .orElseThrow();
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(golden.bytes()))) {
            Image image = number == 0 ? reader.unfinishedImage().orElseThrow() : reader.image(number);
            assertThat(image.info().id()).hasToString(id);
            assertThat(digest(image)).isEqualTo(content);
            Verify.of(reader).control(control -> control.threads(1)).full();
        }
    }

    private static String digest(Image image) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) image.size());
        image.read(bytes, 0);
        return HexFormat.of().formatHex(Sha256.newDigest().digest(bytes.array()));
    }

    @Test
    void aFutureFeatureIsRefusedByItsName() {
        assertThatThrownBy(() -> ImageReader.open(new ByteArrayChannel(Golden.FUTURE_FEATURE.bytes())))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("time-travel");
        assertThatThrownBy(() -> StreamRestore.of(new ByteArrayChannel(Golden.FUTURE_FEATURE.bytes()))
                        .to(new SparseDevice(1 << 20)))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("time-travel");
    }

    /** Nothing was released that wrote them; they are told from damaged files. */
    @ParameterizedTest
    @ValueSource(strings = {"empty-disk", "one-cluster", "all-kinds", "two-images", "unfinished"})
    void filesOfVersion01AreRefusedByTheirVersion(String name) throws IOException {
        byte[] bytes;
        try (var in = GoldenTest.class.getResourceAsStream("/golden/v0/" + name + ".platter")) {
            bytes = java.util.Objects.requireNonNull(in, name).readAllBytes();
        }
        assertThatThrownBy(() -> ImageReader.open(new ByteArrayChannel(bytes)))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("format version 0.1, this version of Platter reads 0.2");
        assertThatThrownBy(() -> StreamRestore.of(new ByteArrayChannel(bytes)).to(new SparseDevice(1 << 20)))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("format version 0.1");
    }

    @Test
    void anotherMajorVersionIsRefused() {
        assertThatThrownBy(() -> ImageReader.open(new ByteArrayChannel(Golden.FUTURE_VERSION.bytes())))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("version 1.0");
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/golden/corrupt/expected.csv", numLinesToSkip = 1)
    void corruptFilesAreRefusedAtTheirPlace(String file, String rule, long offset, String detail) throws IOException {
        byte[] bytes;
        try (var in = GoldenTest.class.getResourceAsStream("/golden/corrupt/" + file)) {
            bytes = java.util.Objects.requireNonNull(in, file).readAllBytes();
        }
        assertThat(file).startsWith(rule + "-");
        assertThatThrownBy(() -> {
                    try (ImageReader reader = ImageReader.open(new ByteArrayChannel(bytes))) {
                        Verify.of(reader).control(control -> control.threads(1)).full();
                    }
                })
                .isInstanceOf(offset < 0 ? UnsupportedImageException.class : CorruptImageException.class)
                .hasMessageContaining(detail)
                .hasMessageContaining(offset < 0 ? "" : "at offset " + offset + " of");
    }

    @Test
    void anUnfinishedGoldenImageIsGoneOnWith() throws IOException {
        Path image = directory.resolve("image");
        Files.write(directory.resolve("image.partial"), Golden.UNFINISHED.bytes());
        assertThat(ImageWriter.canResume(image)).isTrue();
        try (ImageWriter writer = ImageWriter.resume(image, ImageOptions.defaults())) {
            assertThat(writer.position()).isEqualTo(8192);
            writer.zero(8192, 20_000 - 8192);
            assertThat(writer.finish().disk().size()).isEqualTo(20_000);
        }
        try (ImageReader reader = ImageReader.open(image)) {
            assertThat(reader.images()).hasSize(1);
            assertThat(reader.unfinishedImage()).isEqualTo(Optional.empty());
        }
    }
}
