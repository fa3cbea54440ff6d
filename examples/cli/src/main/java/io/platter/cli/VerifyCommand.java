package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.image.FileEnd;
import io.platter.job.VerifyReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Checks an image file, or compares a disk with an image. */
final class VerifyCommand implements Command {
    private static final Option QUICK = Command.flag("quick", "check records and checksums only");
    private static final Option DISK = Command.value("disk", "DISK", "compare this disk with the image");
    private static final Option NUMBER = Command.value(
            "image",
            "N",
            "which image the disk is compared with: of a file its number or the start of its id, default the newest; of a "
                    + "repository a name, for its newest, or four or more digits of an id");

    private static final Option JSON = Command.flag("json", Json.LINES);

    private static final Parameter IMAGE = Parameter.of("IMAGE", OpenImages.PLACES);

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public String description() {
        return "Checks an image file, or compares a disk with an image of a file or a repository.";
    }

    @Override
    public List<Option> options() {
        return Repositories.options(QUICK, DISK, NUMBER, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE);
    }

    @Override
    public String footer() {
        return "The exit code is 0 if all is well, and 1 if the file is damaged or incomplete, or the disk differs.";
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        Optional<Path> disk = given.path(DISK);
        if (disk.isEmpty() && Repositories.isOne(given, IMAGE)) {
            throw new UsageException("verify checks files; repository check --full checks what a repository has, and "
                    + "--disk compares a disk with an image of it");
        }
        Reports reports = Reports.of(session, given.has(JSON));
        try (OpenImages images = OpenImages.open(given, IMAGE, NUMBER, session)) {
            if (disk.isPresent()) {
                Image image = images.image();
                List<Extent> differences = differences(given, session, image, disk.get());
                reports.printComparison(disk.get().toString(), image.info().number(), differences);
                return differences.isEmpty() ? Main.SUCCESS : Main.BAD_IMAGE;
            }
            VerifyReport report = verify(given, session, images.reader());
            reports.print(report);
            return judge(report, images, session);
        }
    }

    private static VerifyReport verify(Arguments given, Session session, ImageReader reader) throws IOException {
        try (ProgressDisplay display = new ProgressDisplay("verify", session, given.has(JSON))) {
            Verify verify = Verify.of(reader).control(display.control());
            return given.has(QUICK) ? verify.quick() : verify.full();
        }
    }

    private static List<Extent> differences(Arguments given, Session session, Image image, Path path)
            throws IOException {
        try (BlockDevice opened = Disks.openForReading(path);
                ProgressDisplay display = new ProgressDisplay("compare", session, given.has(JSON))) {
            return Verify.of(image).control(display.control()).differences(opened);
        }
    }

    /** All that was committed is right; but is it all that was meant to be there? */
    private static int judge(VerifyReport report, OpenImages images, Session session) {
        if (images.reader().end().state() != FileEnd.State.CLEAN) {
            return Main.BAD_IMAGE; // What the end is has been said when the file was opened.
        }
        if (report.images() == 0) {
            session.notice(images.name() + " has no complete image");
            return Main.BAD_IMAGE;
        }
        return Main.SUCCESS;
    }
}
