package io.platter.programs;

import io.platter.Capture;
import io.platter.ImageWriter;
import io.platter.block.OpenMode;
import io.platter.device.RawDisk;
import io.platter.device.RawDisks;
import io.platter.device.Snapshot;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Holds a mounted filesystem of Linux still and captures it: {@code FreezeAndCapture MOUNTPOINT FILE}. The file is not on
 * that filesystem.
 */
public final class FreezeAndCapture {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private FreezeAndCapture() {}

    /** Freezes, captures what is used, and thaws, whatever happens. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        CaptureReport report;
        try (Snapshot snapshot = RawDisks.freeze(Path.of(arguments[0]), LIMIT, file);
                RawDisk disk = RawDisks.open(snapshot.device(), OpenMode.READ);
                ImageWriter writer = ImageWriter.create(file, DiskGeometry.ofContent(disk), ImageOptions.defaults())) {
            report = Capture.of(disk)
                    .options(options -> options.holdsStill(true))
                    .to(writer);
        }
        // Only now it is known that nothing was written meanwhile: else the snapshot's close would have failed.
        System.out.println("captured " + report.image().id() + ", read " + report.bytesRead() + " of "
                + report.image().disk().size() + " bytes");
        report.inFullBecause().ifPresent(reason -> System.out.println("captured in full: " + reason));
    }
}
