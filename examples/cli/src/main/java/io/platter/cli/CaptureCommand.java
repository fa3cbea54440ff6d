package io.platter.cli;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.filesystem.DiskAllocation;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.FileEnd;
import io.platter.image.FileId;
import io.platter.image.ImageDescription;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.PropertyKeys;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.job.ReadErrorPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.commons.cli.Option;

/** Captures a disk into an image. */
final class CaptureCommand implements Command {
    static final int RETRIES = 3;

    static final Option LEVEL = Command.value("level", "N", "zstd level, 1 to 19; default 1");
    static final Option THREADS = Command.value("threads", "N", "workers; default: one for each processor");
    private static final Option CUT = Command.value(
            "cut", "content|SIZE", "where blocks end: by content, or at every multiple of SIZE bytes; default content");
    static final Option ALL = Command.flag("all", "capture unused blocks, too");
    private static final Option PARANOID =
            Command.flag("paranoid", "capture unused blocks, too, unless they are zeros");
    private static final Option APPEND =
            Command.flag("append", "add the image to an existing file, sharing its blocks");
    private static final Option RESUME = Command.flag("resume", "go on with a capture that was interrupted");
    static final Option ON_ERROR =
            Command.value("on-error", "retry|skip|abort", "what to do when the disk can't be read; default retry");
    static final Option PROPERTY = Command.pair(
            "property", "a property of the image, in place of the one that is set by itself; may be repeated");
    private static final Option FILE_ID = Command.value(
            "file-id", "HEX", "the id of a new file, 32 digits, for a file that is the same each time; else random");
    private static final Option NO_PROPERTIES =
            Command.flag("no-properties", "leave out when, where and of what the image was made");
    private static final Option COMMENT = Command.value("comment", "TEXT", "what the image is for");
    private static final Option IF_SAMPLES_MATCH = Command.flag(
            "if-samples-match",
            "with --resume: go on if samples of SOURCE are as they were, though it can't be told whether it has changed, "
                    + "as after a restart");
    private static final Option DISCARD_UNFINISHED =
            Command.flag("discard-unfinished", "throw away what an interrupted capture has left as IMAGE.partial");
    private static final Option DISCARD_DAMAGED_END = Command.flag(
            "discard-damaged-end",
            "with --append or --resume: cut off the end of a damaged file, with the images that follow the damage");
    private static final Option CHECKPOINT =
            Command.value("checkpoint", "SIZE", "how much data between checkpoints; default 4G");
    private static final Option DRY_RUN = Command.flag("dry-run", DryRun.DESCRIPTION);
    private static final Option JSON = Command.flag("json", Json.LINES);

    private static final Parameter SOURCE =
            Parameter.of("SOURCE", "a disk, a file, an NBD address, or - for standard input");
    private static final Parameter IMAGE = Parameter.of("IMAGE", "the image file, or - for standard output");

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public String description() {
        return "Captures a disk into an image.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                LEVEL,
                THREADS,
                CUT,
                ALL,
                PARANOID,
                APPEND,
                RESUME,
                IF_SAMPLES_MATCH,
                DISCARD_UNFINISHED,
                DISCARD_DAMAGED_END,
                ON_ERROR,
                PROPERTY,
                COMMENT,
                NO_PROPERTIES,
                FILE_ID,
                CHECKPOINT,
                Disks.SECTOR_SIZE,
                DRY_RUN,
                JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(SOURCE, IMAGE);
    }

    /** The options that have values, read before anything is opened. */
    private record Settings(
            ImageOptions options,
            ReadErrorPolicy onError,
            Map<String, String> properties,
            ImageDescription description) {
        static Settings of(Arguments given) {
            ImageOptions.Builder options =
                    ImageOptions.builder().level(given.integer(LEVEL).orElse(1));
            options.discardDamagedEnd(given.has(DISCARD_DAMAGED_END));
            boolean byContent = given.text(CUT).orElse("content").equals("content");
            options.cut(byContent ? CutRule.byContent() : CutRule.fixed(blockSize(given)));
            if (given.has(FILE_ID)) {
                options.fileId(FileId.parse(given.text(FILE_ID).orElseThrow()));
            }
            if (given.has(CHECKPOINT)) {
                options.checkpointInterval(given.size(CHECKPOINT).orElseThrow());
            }
            ReadErrorPolicy onError =
                    given.choice(ON_ERROR, ReadErrorPolicy.values()).orElse(ReadErrorPolicy.RETRY);
            ImageDescription description =
                    given.has(NO_PROPERTIES) ? ImageDescription.none() : ImageDescription.standard();
            if (given.has(COMMENT)) {
                description = description.with(
                        PropertyKeys.COMMENT, given.text(COMMENT).orElseThrow());
            }
            return new Settings(options.build(), onError, given.pairs(PROPERTY), description);
        }

        private static int blockSize(Arguments given) {
            return (int) Math.min(Integer.MAX_VALUE, given.size(CUT).orElseThrow());
        }
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        checkUsage(given);
        Settings settings = Settings.of(given);
        Path target = given.path(IMAGE);
        if (given.has(DRY_RUN)) {
            return dryRun(given, session);
        }
        Optional<CaptureReport> report;
        try (ProgressDisplay display = new ProgressDisplay("capture", session, given.has(JSON))) {
            try {
                report = Targets.isStandard(given.path(SOURCE))
                        ? Optional.of(fromStream(given, session, settings, display))
                        : fromDisk(given, session, settings, display);
            } catch (CancellationException e) {
                throw Stopped.at(display, consequence(given), e);
            }
        }
        if (report.isEmpty()) {
            session.notice(target + " has nothing to resume: its image is finished; verify tells whether it is sound");
            return Main.SUCCESS;
        }
        Reports reports = Targets.isStandard(target) ? Reports.besides(session) : Reports.of(session, given.has(JSON));
        reports.print(report.get());
        return Main.SUCCESS;
    }

    private static void checkUsage(Arguments given) {
        boolean toStream = Targets.isStandard(given.path(IMAGE));
        if (toStream && (given.has(APPEND) || given.has(RESUME) || given.has(JSON) || given.has(DRY_RUN))) {
            throw new UsageException(
                    "an image on standard output goes with none of --append, --resume, --json, --dry-run");
        }
        if (Targets.isStandard(given.path(SOURCE)) && (given.has(RESUME) || given.has(DRY_RUN))) {
            throw new UsageException("a capture from standard input goes with none of --resume, --dry-run");
        }
    }

    /** Says what a capture that was stopped left. */
    private static String consequence(Arguments given) throws IOException {
        Path target = given.path(IMAGE);
        if (Targets.isStandard(target)) {
            return "the image on standard output is incomplete";
        }
        return !Targets.isStandard(given.path(SOURCE)) && ImageWriter.canResume(target)
                ? "the same command with --resume goes on from there"
                : "nothing of it is kept";
    }

    private static CaptureReport fromStream(
            Arguments given, Session session, Settings settings, ProgressDisplay display) throws IOException {
        try (ImageWriter image = open(given, session, new DiskGeometry(-1, 512, 512), settings.options(), display)) {
            describe(image, settings);
            return Capture.of(session.inputChannel())
                    .describedBy(settings.description())
                    .control(display.control())
                    .to(image);
        }
    }

    /** Captures a disk, unless that was finished just before the program was killed. */
    private static Optional<CaptureReport> fromDisk(
            Arguments given, Session session, Settings settings, ProgressDisplay display) throws IOException {
        Path source = given.path(SOURCE);
        try (BlockDevice opened = Disks.openForReading(source)) {
            BlockDevice disk = Disks.withSectorSize(opened, given);
            DiskGeometry geometry = Disks.geometry(source, disk, given);
            Optional<ImageWriter> image = given.has(RESUME)
                    ? resumed(given, session, disk, geometry, settings.options(), display)
                    : Optional.of(open(given, session, geometry, settings.options(), display));
            if (image.isEmpty()) {
                return Optional.empty();
            }
            try (ImageWriter writer = image.get()) {
                hint(source, opened, given.path(IMAGE), session);
                describe(writer, settings);
                return Optional.of(Capture.of(disk)
                        .options(options -> options.usedOnly(!given.has(ALL))
                                .paranoid(given.has(PARANOID))
                                .resumeIfSamplesMatch(given.has(IF_SAMPLES_MATCH))
                                .onReadError(settings.onError(), RETRIES)
                                .describedBy(settings.description()))
                        .control(display.control())
                        .to(writer));
            }
        }
    }

    private static ImageWriter open(
            Arguments given, Session session, DiskGeometry geometry, ImageOptions options, ProgressDisplay display)
            throws IOException {
        Path target = given.path(IMAGE);
        JobControl control = display.control(given.integer(THREADS));
        if (Targets.isStandard(target)) {
            return ImageWriter.create(session.output().channel(), geometry, options, control);
        }
        if (given.has(APPEND)) {
            return ImageWriter.append(target, geometry, options, control);
        }
        checkNew(target);
        if (given.has(DISCARD_UNFINISHED)) {
            ImageWriter.discardUnfinished(target);
        }
        return ImageWriter.create(target, geometry, options, control);
    }

    private static void checkNew(Path target) throws IOException {
        Targets.refuseDirectory(target, "an image file");
        if (Files.exists(target)) {
            throw new UsageException(target + " exists; --append adds an image to it");
        }
        Targets.checkNew(target);
    }

    /** Returns the writer to go on with: nothing if the image was finished just before the program was killed. */
    private static Optional<ImageWriter> resumed(
            Arguments given,
            Session session,
            BlockDevice disk,
            DiskGeometry geometry,
            ImageOptions options,
            ProgressDisplay display)
            throws IOException {
        Path target = given.path(IMAGE);
        if (ImageWriter.canResume(target)) {
            return Optional.of(ImageWriter.resume(target, options, display.control(given.integer(THREADS))));
        }
        if (!Files.exists(target) && ImageWriter.publishFinished(target)) {
            return Optional.empty();
        }
        if (!Files.exists(target)) {
            return Optional.of(open(given, session, geometry, options, display));
        }
        try (ImageReader reader = Images.open(target, session)) {
            ImageInfo newest = Images.of(reader, Optional.empty()).info();
            if (given.has(APPEND) || !newest.disk().equals(geometry)) {
                throw new UsageException(target + " has nothing to resume");
            }
            String then = newest.properties().getOrDefault(PropertyKeys.SOURCE_STATE, "");
            if (!then.isEmpty()
                    && !given.has(IF_SAMPLES_MATCH)
                    && !then.equals(disk.state().orElse(""))) {
                throw new UsageException(
                        target + " has nothing to resume: its newest image is finished, and of another disk than "
                                + disk.name() + " or of another state of it");
            }
            if (reader.end().state() == FileEnd.State.DAMAGED) {
                throw new CorruptImageException(
                        target.toString(), reader.end().offset(), "nothing to resume, and a damaged end");
            }
        }
        return Optional.empty();
    }

    private static void describe(ImageWriter image, Settings settings) {
        settings.properties().forEach(image::property);
    }

    /** Says what a user may not have meant. */
    private static void hint(Path source, BlockDevice disk, Path target, Session session) throws IOException {
        if (Disks.isFile(source)) {
            for (String form : OpenDisk.recognise(disk)) {
                session.notice(source + " is a file of format " + form
                        + ", which is captured as it is; convert reads the disk in it");
            }
        }
        if (!Targets.isStandard(target)
                && Backing.overwritten(disk.backing(), Targets.backing(target)).isPresent()) {
            session.notice(
                    target + " is stored on " + source
                            + ", which it will be an image of: it holds a part of itself, and the disk changes while it is read");
        }
    }

    /** Opens the disk and asks its filesystems, and looks at the file that would be written. */
    private static int dryRun(Arguments given, Session session) throws IOException {
        Path source = given.path(SOURCE);
        Path target = given.path(IMAGE);
        try (BlockDevice opened = Disks.openForReading(source)) {
            BlockDevice disk = Disks.withSectorSize(opened, given);
            String place = place(given, session, Disks.geometry(source, disk, given));
            hint(source, opened, target, session);
            DiskAllocation allocation = DiskAllocation.of(disk);
            boolean all = given.has(ALL) || given.has(PARANOID) || !disk.uses().isEmpty();
            long most = all ? disk.size() : allocation.used().bytes();
            DryRun dryRun = new DryRun("capture", given.has(JSON), session.output());
            dryRun.fact("source", source.toString());
            dryRun.fact("diskSize", disk.size());
            dryRun.fact("logicalSectorSize", disk.logicalSectorSize());
            dryRun.line("would capture " + source + ": " + Sizes.exact(disk.size()) + ", sectors of "
                    + disk.logicalSectorSize());
            for (DiskAllocation.Volume volume : allocation.volumes()) {
                dryRun.line("  " + AllocationCommand.line(volume));
            }
            dryRun.line(
                    "of it at most " + Sizes.exact(most)
                            + ", before blocks of zeros and those that are there twice are left out and the rest is compressed");
            dryRun.target(target, place);
            long unknown = given.has(RESUME) || given.has(APPEND) ? 0 : most(disk, most);
            dryRun.room(
                    Targets.freeSpace(target), unknown, "the capture will fail unless it compresses to what is free");
            return dryRun.end();
        }
    }

    /** Returns how much of what is wanted a disk has: what it knows to be zeros takes no room. */
    private static long most(BlockDevice disk, long wanted) throws IOException {
        return Math.min(wanted, Disks.totals(disk).getOrDefault(ExtentKind.DATA, 0L));
    }

    private static String place(Arguments given, Session session, DiskGeometry geometry) throws IOException {
        Path target = given.path(IMAGE);
        if (given.has(RESUME) && ImageWriter.canResume(target)) {
            return "which has a checkpoint to go on from";
        }
        if (!given.has(APPEND)) {
            checkNew(target);
            return "a new file";
        }
        try (ImageReader reader = Images.open(target, session)) {
            int count = reader.imageCount();
            boolean same = count > 0 && reader.newestImage().info().disk().equals(geometry);
            return "a file of " + Sizes.exact(Files.size(target)) + " with "
                    + (count == 1 ? "1 image" : count + " images") + (same ? "" : ", the newest of another disk");
        }
    }
}
