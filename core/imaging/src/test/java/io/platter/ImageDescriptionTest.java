package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageDescription;
import io.platter.image.ImageOptions;
import io.platter.image.PropertyKeys;
import io.platter.job.CaptureOptions;
import io.platter.job.CaptureReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class ImageDescriptionTest {
    private static final ImageDescription ACME = ImageDescription.of(
            InstantSource.fixed(Instant.parse("2026-01-31T10:00:00.987Z")), "vienna", "Acme Backup 3.1");

    private final FaultyDisk disk = new FaultyDisk(new byte[100_000], Set.of()).state("7 writes");

    private interface Job {
        CaptureReport to(ImageWriter writer) throws IOException;
    }

    private static SortedMap<String, String> captured(Capture capture, String... properties) throws IOException {
        return captured((Job) capture::to, properties);
    }

    private static SortedMap<String, String> captured(Job capture, String... properties) throws IOException {
        try (ImageWriter writer = ImageWriter.create(
                Channels.newChannel(new ByteArrayOutputStream()), DiskGeometry.ofSize(-1), ImageOptions.defaults())) {
            for (int i = 0; i < properties.length; i += 2) {
                writer.property(properties[i], properties[i + 1]);
            }
            return capture.to(writer).image().properties();
        }
    }

    @Test
    void anImageSaysWhenWhereAndByWhatItWasMadeAndOfWhat() throws IOException {
        assertThat(captured(Capture.of(disk)
                        .options(CaptureOptions.everything())
                        .options(options -> options.describedBy(ACME.with(PropertyKeys.COMMENT, "before the update")))))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "time", "2026-01-31T10:00:00Z",
                        "host", "vienna",
                        "tool", "Acme Backup 3.1",
                        "source", "faulty",
                        "source.model", "Imaginary 9000",
                        "source.serial", "F4U17",
                        "source.state", "7 writes",
                        "comment", "before the update"));
    }

    @Test
    void aChannelHasNoNameAndADeviceSaysWhatItKnows() throws IOException {
        assertThat(captured(Capture.of(new ByteArrayChannel(new byte[1000])).describedBy(ACME)::to))
                .containsOnlyKeys("time", "host", "tool");
        assertThat(captured(Capture.of(MemoryDevice.ofSize(1000))
                        .options(CaptureOptions.everything())
                        .options(options -> options.describedBy(ACME))))
                .containsOnlyKeys("time", "host", "tool", "source");
    }

    @Test
    void aPropertyThatWasSetKeepsItsValue() throws IOException {
        assertThat(captured(
                        Capture.of(disk)
                                .options(CaptureOptions.everything())
                                .options(options -> options.describedBy(ACME.with("host", "paris"))),
                        "host",
                        "rome",
                        "source",
                        "C:"))
                .containsEntry("host", "rome")
                .containsEntry("source", "C:");
        assertThat(captured(Capture.of(disk)
                        .options(CaptureOptions.everything())
                        .options(options -> options.describedBy(ACME.with("host", "paris")))))
                .containsEntry("host", "paris");
    }

    @Test
    void anyKeyOrAllCanBeLeftOut() throws IOException {
        assertThat(captured(Capture.of(disk)
                        .options(CaptureOptions.everything())
                        .options(options ->
                                options.describedBy(ACME.without("time").without("source.state")))))
                .containsOnlyKeys("host", "tool", "source", "source.model", "source.serial");
        assertThat(captured(Capture.of(disk)
                        .options(CaptureOptions.everything())
                        .options(options -> options.describedBy(ImageDescription.none()))))
                .isEmpty();
        assertThat(captured(Capture.of(disk)
                        .options(CaptureOptions.everything())
                        .options(options ->
                                options.describedBy(ImageDescription.none().with("comment", "x")))))
                .containsOnlyKeys("comment");
    }

    @Test
    void theStandardDescriptionKnowsThisMachineAndThisLibrary() throws IOException {
        SortedMap<String, String> properties = captured(Capture.of(disk).options(CaptureOptions.everything()));
        assertThat(Instant.parse(properties.get("time")))
                .isBetween(Instant.now().minusSeconds(600), Instant.now());
        assertThat(properties.get("tool")).startsWith("platter");
        assertThat(properties.get("host")).isNotBlank();
    }

    @Test
    void anImageOfADeviceThatWasConvertedIsDescribedToo() throws IOException {
        BlockDevice device = MemoryDevice.ofSize(100_000);
        try (ImageWriter writer = ImageWriter.create(
                Channels.newChannel(new ByteArrayOutputStream()), DiskGeometry.of(device), ImageOptions.defaults())) {
            Convert.of(device).options(options -> options.describedBy(ACME)).to(writer);
            assertThat(writer.property("time")).contains("2026-01-31T10:00:00Z");
            assertThat(writer.property("source")).contains("memory");
        }
    }

    @Test
    void twoCapturesOfADiskHaveTheSameContentWhateverTheySay() throws IOException {
        assertThat(content(Capture.of(disk)
                        .options(CaptureOptions.everything())
                        .options(options -> options.describedBy(ACME))))
                .isEqualTo(content(Capture.of(disk).options(CaptureOptions.everything())));
    }

    private static Object content(Capture capture) throws IOException {
        try (ImageWriter writer = ImageWriter.create(
                Channels.newChannel(new ByteArrayOutputStream()), DiskGeometry.ofSize(-1), ImageOptions.defaults())) {
            return capture.to(writer).image().rootHash();
        }
    }
}
