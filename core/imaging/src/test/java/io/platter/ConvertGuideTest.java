package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.ConvertReport;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/guide-convert.md. */
class ConvertGuideTest {
    @TempDir
    Path directory;

    private static ConvertReport convert(Path image, Path file) throws IOException {
        // region=convert
        VirtualDiskFormat qcow2 = VirtualDisks.named("qcow2").orElseThrow();
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().compression(Compression.ZSTD).build();
        try (ImageReader images = ImageReader.open(image)) {
            ConvertReport report = Convert.of(images.newestImage())
                    .options(conversion -> conversion.verify(true))
                    .toNewFile(file, qcow2, options);
            System.out.println(report.bytesWritten() + " bytes, differences: " + report.differences());
            return report;
        }
        // end
    }

    private static ConvertReport importDisk(Path file, Path image) throws IOException {
        // region=import
        List<VirtualDiskFormat> allowed = List.of(
                VirtualDisks.named("qcow2").orElseThrow(),
                VirtualDisks.named("vmdk").orElseThrow());
        try (BlockDevice bytes = BlockDevices.open(file, OpenMode.READ)) {
            VirtualDiskFormat format = VirtualDisks.recognise(bytes, allowed)
                    .orElseThrow(() -> new UnsupportedImageException(file.toString(), "a format that we take"));
            try (BlockDevice disk = format.open(bytes, VirtualDiskOptions.defaults());
                    ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(disk), ImageOptions.defaults())) {
                return Convert.of(disk).to(writer);
            }
        }
        // end
    }

    @Test
    void theExamplesDoWhatTheGuideSays() throws IOException {
        DiskModel disk = DiskModel.random(81, 1 << 20, 100_000);
        Path image = directory.resolve("image");
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.ofSize(1 << 20), ImageOptions.defaults())) {
            writer.data(0, ByteBuffer.wrap(disk.bytes()));
            writer.finish();
        }
        Path qcow2 = directory.resolve("qcow2");
        Path back = directory.resolve("back");
        assertThat(convert(image, qcow2).differences()).isEmpty();
        assertThat(importDisk(qcow2, back).diskSize()).isEqualTo(1 << 20);
        try (ImageReader reader = ImageReader.open(back)) {
            disk.assertEqual(reader.newestImage().asDevice(), 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"convert", "import"})
    void theGuideShowsTheseExamples(String region) throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/platter/ConvertGuideTest.java"));
        int start = source.indexOf("// region=" + region + "\n");
        String example = source.substring(source.indexOf('\n', start) + 1, source.indexOf("        // end", start));
        String guide = Files.readString(Path.of("../../docs/guide-convert.md"));
        assertThat(guide)
                .contains("<!-- region=" + region + " -->\n```java\n"
                        + example.stripTrailing().stripIndent() + "\n```\n");
    }
}
