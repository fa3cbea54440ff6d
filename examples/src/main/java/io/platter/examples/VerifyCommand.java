package io.platter.examples;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.Verify;
import io.platter.VerifyReport;
import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks an image file, or compares a disk with an image. */
@Command(name = "verify", description = "Checks an image file, or compares a disk with an image.")
final class VerifyCommand implements Callable<Integer> {
    @Option(names = "--quick", description = "check records and checksums only")
    private boolean quick;

    @Option(names = "--disk", paramLabel = "DISK", description = "compare this disk with the image")
    private Optional<Path> disk = Optional.empty();

    @Option(
            names = "--image",
            paramLabel = "N",
            description = "which image the disk is compared with; default: the newest")
    private Optional<Integer> number = Optional.empty();

    @Parameters(paramLabel = "IMAGE", description = "the image file")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
        try (ImageReader reader = ImageReader.open(file);
                ProgressDisplay display = new ProgressDisplay("verify", false)) {
            Verify verify = Verify.create().progress(display).cancellation(display.cancellation());
            if (disk.isPresent()) {
                return compare(verify, reader, disk.get());
            }
            VerifyReport report = quick ? verify.quick(reader) : verify.full(reader);
            Reports.print(report, System.out);
            return judge(report);
        }
    }

    /** All that was committed is right; but is it all that was meant to be there? */
    private int judge(VerifyReport report) {
        if (report.tornBytes() > 0) {
            System.err.printf(
                    "platter: the last %d bytes of %s do not count: a capture was interrupted, or the file was cut off%n",
                    report.tornBytes(), file);
            return Main.BAD_IMAGE;
        }
        if (report.images() == 0) {
            System.err.printf("platter: %s has no complete image%n", file);
            return Main.BAD_IMAGE;
        }
        return Main.SUCCESS;
    }

    private int compare(Verify verify, ImageReader reader, Path path) throws IOException {
        Image image = number.isPresent() ? reader.image(number.get()) : reader.newestImage();
        try (BlockDevice opened = Disks.openForReading(path)) {
            List<Extent> differences = verify.differences(image, opened);
            Reports.printDifferences(differences, System.out);
            if (differences.isEmpty()) {
                System.out.println(path + " is equal to image " + image.info().number());
            }
            return differences.isEmpty() ? Main.SUCCESS : Main.BAD_IMAGE;
        }
    }
}
