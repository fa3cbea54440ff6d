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
import org.apache.commons.cli.Option;

/** Checks an image file, or compares a disk with an image. */
final class VerifyCommand implements Command {
    private static final Option QUICK = Command.flag("quick", "check records and checksums only");
    private static final Option DISK = Command.value("disk", "DISK", "compare this disk with the image");
    private static final Option NUMBER =
            Command.value("image", "N", "which image the disk is compared with; default: the newest");

    private static final Parameter IMAGE = Parameter.of("IMAGE", "the image file");

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public String description() {
        return "Checks an image file, or compares a disk with an image.";
    }

    @Override
    public List<Option> options() {
        return List.of(QUICK, DISK, NUMBER);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE);
    }

    @Override
    public int run(Arguments given) throws IOException {
        Path file = given.path(IMAGE);
        Optional<Path> disk = given.path(DISK);
        Optional<Integer> number = given.integer(NUMBER);
        try (ImageReader reader = ImageReader.open(file);
                ProgressDisplay display = new ProgressDisplay("verify", false)) {
            Verify verify = Verify.create().progress(display).cancellation(display.cancellation());
            if (disk.isPresent()) {
                Image image = Images.of(reader, number);
                return compare(verify, image, disk.get());
            }
            VerifyReport report = given.has(QUICK) ? verify.quick(reader) : verify.full(reader);
            Reports.print(report, System.out);
            return judge(report, file);
        }
    }

    /** All that was committed is right; but is it all that was meant to be there? */
    private static int judge(VerifyReport report, Path file) {
        if (report.tornBytes() > 0) {
            System.err.println("platter: the last " + report.tornBytes() + " bytes of " + file
                    + " do not count: a capture was interrupted, or the file was cut off");
            return Main.BAD_IMAGE;
        }
        if (report.images() == 0) {
            System.err.println("platter: " + file + " has no complete image");
            return Main.BAD_IMAGE;
        }
        return Main.SUCCESS;
    }

    private static int compare(Verify verify, Image image, Path path) throws IOException {
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
