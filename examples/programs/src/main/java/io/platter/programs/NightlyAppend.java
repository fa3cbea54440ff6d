package io.platter.programs;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageDescription;
import io.platter.image.ImageOptions;
import io.platter.image.PropertyKeys;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.file.Path;

/** Adds tonight's image of a disk to a file, which it makes the first time: {@code NightlyAppend DISK FILE}. */
public final class NightlyAppend {
    private NightlyAppend() {}

    /** Captures, then checks the new image as far as that is quick. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        ImageDescription description = ImageDescription.standard().with(PropertyKeys.COMMENT, "nightly");
        try (BlockDevice disk = BlockDevices.open(Path.of(arguments[0]), OpenMode.READ);
                ImageWriter writer = ImageWriter.appendOrCreate(
                        file, DiskGeometry.ofContent(disk), ImageOptions.defaults(), JobControl.defaults())) {
            CaptureReport report = Capture.of(disk)
                    .options(options -> options.describedBy(description))
                    .to(writer);
            System.out.println("image " + report.image().number() + " "
                    + report.image().id() + ": " + report.image().statistics().newBytes()
                    + " bytes are new, the file has " + report.fileSize());
            report.inFullBecause().ifPresent(reason -> System.out.println("captured in full: " + reason));
            report.sourceChange().ifPresent(change -> System.out.println("the disk was in use: " + change));
        }
        try (ImageReader images = ImageReader.open(file)) {
            System.out.println("checked " + Verify.of(images).quick().images() + " images");
        }
    }
}
