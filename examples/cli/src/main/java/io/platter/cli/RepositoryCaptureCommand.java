package io.platter.cli;

import io.platter.Capture;
import io.platter.ImageWriter;
import io.platter.StreamCapture;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureReport;
import io.platter.job.ReadErrorPolicy;
import io.platter.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.apache.commons.cli.Option;

/** Captures a disk into a repository. */
final class RepositoryCaptureCommand implements Command {
    private static final Option NAME = Command.value(
            "name",
            "N",
            "the name that this and later images of the disk have in common; default: this machine's name and the source's");
    private static final Option CHANGED = Command.value(
            "changed",
            "FILE",
            "read only what was changed since the newest image of the name, as a hypervisor or a snapshot tells it: lines of an "
                    + "offset and a length in bytes. What is missing there is missing in the image");
    private static final Option JSON = Command.flag("json", Json.LINES);

    private static final Parameter SOURCE =
            Parameter.of("SOURCE", "a disk, a file, an NBD address, or - for standard input");

    @Override
    public String name() {
        return "repository capture";
    }

    @Override
    public String description() {
        return "Captures a disk into a repository.";
    }

    @Override
    public List<Option> options() {
        return Repositories.options(
                NAME,
                CaptureCommand.ALL,
                CaptureCommand.LEVEL,
                CaptureCommand.THREADS,
                CaptureCommand.ON_ERROR,
                CaptureCommand.PROPERTY,
                Disks.SECTOR_SIZE,
                CHANGED,
                JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Repositories.REPOSITORY, SOURCE);
    }

    @Override
    public String footer() {
        return "What an earlier image of the name has is neither compressed nor written again. A capture that is interrupted leaves "
                + "nothing that counts; repository collect removes it.";
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        boolean fromStream = Targets.isStandard(given.path(SOURCE));
        if (fromStream && !given.has(NAME)) {
            throw new UsageException("standard input has no name; --name gives it one");
        }
        if (fromStream && given.has(CHANGED)) {
            throw new UsageException("all of standard input is read; --changed is for a disk");
        }
        CaptureReport report;
        try (Repository repository = Repositories.open(given);
                ProgressDisplay display = new ProgressDisplay("capture", session, given.has(JSON))) {
            try {
                report = fromStream
                        ? fromStream(given, session, repository, display)
                        : fromDisk(given, repository, display);
            } catch (CancellationException e) {
                throw Stopped.at(display, "nothing of it counts", e);
            }
        }
        Reports.of(session, given.has(JSON)).print(report);
        return Main.SUCCESS;
    }

    private static CaptureReport fromDisk(Arguments given, Repository repository, ProgressDisplay display)
            throws IOException {
        Path source = given.path(SOURCE);
        UnaryOperator<Capture> told = given.has(CHANGED) ? told(given, repository) : UnaryOperator.identity();
        try (BlockDevice opened = Disks.openForReading(source)) {
            BlockDevice disk = Disks.withSectorSize(opened, given);
            try (ImageWriter image = open(given, repository, Disks.geometry(source, disk, given), display)) {
                return told.apply(Capture.of(disk))
                        .options(options -> options.usedOnly(!given.has(CaptureCommand.ALL))
                                .onReadError(
                                        given.choice(CaptureCommand.ON_ERROR, ReadErrorPolicy.values())
                                                .orElse(ReadErrorPolicy.RETRY),
                                        CaptureCommand.RETRIES))
                        .control(display.control())
                        .to(image);
            }
        }
    }

    private static CaptureReport fromStream(
            Arguments given, Session session, Repository repository, ProgressDisplay display) throws IOException {
        try (ImageWriter image = open(given, repository, new DiskGeometry(-1, 512, 512), display)) {
            StreamCapture capture = Capture.of(session.inputChannel()).control(display.control());
            return capture.to(image);
        }
    }

    private static ImageWriter open(
            Arguments given, Repository repository, DiskGeometry geometry, ProgressDisplay display) throws IOException {
        ImageOptions options = ImageOptions.builder()
                .level(given.integer(CaptureCommand.LEVEL).orElse(1))
                .build();
        ImageWriter image = repository.newImage(
                imageName(given), geometry, options, display.control(given.integer(CaptureCommand.THREADS)));
        given.pairs(CaptureCommand.PROPERTY).forEach(image::property);
        return image;
    }

    /** Tells a capture what was changed since the newest image of the name. */
    private static UnaryOperator<Capture> told(Arguments given, Repository repository) throws IOException {
        ExtentSet changed = ChangedExtents.read(given.path(CHANGED).orElseThrow());
        ImageInfo earlier = repository.image(imageName(given)).info();
        return capture -> capture.changed(earlier, changed);
    }

    private static String imageName(Arguments given) {
        return given.text(NAME).orElseGet(() -> Repositories.defaultName(given.path(SOURCE)));
    }
}
