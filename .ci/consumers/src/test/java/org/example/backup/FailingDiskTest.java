package org.example.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.Capture;
import io.platter.ImageWriter;
import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureReport;
import io.platter.job.ReadErrorPolicy;
import io.platter.testkit.FaultyDevice;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailingDiskTest {
    @Test
    void aBadSectorIsReported(@TempDir Path directory) throws Exception {
        BlockDevice disk = FaultyDevice.withBadSector(MemoryDevice.ofSize(1 << 20), 5000);
        Path image = directory.resolve("disk.platter");
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(disk), ImageOptions.defaults())) {
            CaptureReport report =
                    Capture.of(disk).options(options -> options.onReadError(ReadErrorPolicy.SKIP, 0)).to(writer);
            assertThat(report.unreadable()).hasSize(1);
        }
    }
}
