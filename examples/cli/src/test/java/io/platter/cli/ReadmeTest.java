package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.Verify;
import io.platter.job.CaptureReport;
import io.platter.job.ReadErrorPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example, as it stands there but for the names of the files. */
class ReadmeTest {
    @TempDir
    Path directory;

    private Path path(String name) {
        return directory.resolve(name);
    }

    private void example() throws IOException {
        // begin
        CaptureReport report = Capture.of(path("disk.img"))
                .options(options -> options.onReadError(ReadErrorPolicy.SKIP, 3))
                .control(control -> control.progress(p -> System.out.println(p.done() + " bytes")))
                .to(path("disk.platter"));
        System.out.println("captured " + report.image().id());
        try (ImageReader images = ImageReader.open(path("disk.platter"))) {
            Verify.of(images).full();
            Restore.of(images.newestImage()).toNewFile(path("copy.img"));
            ByteBuffer sector = ByteBuffer.allocate(512);
            images.newestImage().read(sector, 0);
        }
        // end
    }

    @Test
    void exampleWorks() throws IOException {
        Files.write(path("disk.img"), new byte[100_000]);
        example();
        assertThat(path("copy.img")).hasSameBinaryContentAs(path("disk.img"));
    }

    @Test
    void exampleIsTheReadmes() throws IOException {
        String readme = words(Files.readAllLines(Path.of("../../README.md"))).replace("Path.of(", "path(");
        List<String> source = Files.readAllLines(Path.of("src/test/java/io/platter/cli/ReadmeTest.java"));
        int begin = source.indexOf("        // begin");
        assertThat(readme).contains(words(source.subList(begin + 1, source.indexOf("        // end"))));
    }

    private static String words(List<String> lines) {
        return lines.stream()
                .map(String::strip)
                .collect(Collectors.joining(" "))
                .replaceAll("\\s+", "");
    }
}
