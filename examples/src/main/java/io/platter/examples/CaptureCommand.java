package io.platter.examples;

import io.platter.Capture;
import io.platter.CaptureReport;
import io.platter.CutRule;
import io.platter.DiskGeometry;
import io.platter.ImageOptions;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.ReadErrorPolicy;
import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Captures a disk into an image. */
final class CaptureCommand implements Command {
    private static final Path STANDARD = Path.of("-");
    private static final int RETRIES = 3;

    private static final Option LEVEL = Command.value("level", "N", "zstd level, 1 to 19; default 1");
    private static final Option THREADS = Command.value("threads", "N", "workers; default: one for each processor");
    private static final Option CUT = Command.value(
            "cut", "content|SIZE", "where blocks end: by content, or at every multiple of SIZE bytes; default content");
    private static final Option ALL = Command.flag("all", "capture unused blocks, too");
    private static final Option PARANOID =
            Command.flag("paranoid", "capture unused blocks, too, unless they are zeros");
    private static final Option APPEND =
            Command.flag("append", "add the image to an existing file, sharing its blocks");
    private static final Option RESUME = Command.flag("resume", "go on with a capture that was interrupted");
    private static final Option ON_ERROR =
            Command.value("on-error", "retry|skip|abort", "what to do when the disk can't be read; default retry");
    private static final Option PROPERTY = Command.pair("property", "a property of the image; may be repeated");
    private static final Option CHECKPOINT =
            Command.value("checkpoint", "BYTES", "bytes of data between checkpoints; default 4294967296");
    private static final Option JSON = Command.flag("json", "progress and report as JSON lines");

    private static final Parameter SOURCE = Parameter.of("SOURCE", "a disk, a file, or - for standard input");
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
        return List.of(LEVEL, THREADS, CUT, ALL, PARANOID, APPEND, RESUME, ON_ERROR, PROPERTY, CHECKPOINT, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(SOURCE, IMAGE);
    }

    /** The options that have values, read before anything is opened. */
    private record Settings(ImageOptions options, ReadErrorPolicy onError, Map<String, String> properties) {
        static Settings of(Arguments given) {
            ImageOptions.Builder options =
                    ImageOptions.builder().level(given.integer(LEVEL).orElse(1));
            boolean byContent = given.text(CUT).orElse("content").equals("content");
            options.cut(
                    byContent
                            ? CutRule.byContent()
                            : CutRule.fixed(given.integer(CUT).orElseThrow()));
            if (given.has(THREADS)) {
                options.threads(given.integer(THREADS).orElseThrow());
            }
            if (given.has(CHECKPOINT)) {
                options.checkpointInterval(given.number(CHECKPOINT).orElseThrow());
            }
            ReadErrorPolicy onError =
                    given.choice(ON_ERROR, ReadErrorPolicy.values()).orElse(ReadErrorPolicy.RETRY);
            return new Settings(options.build(), onError, given.pairs(PROPERTY));
        }
    }

    @Override
    public int run(Arguments given) throws IOException {
        Path source = given.path(SOURCE);
        Path target = given.path(IMAGE);
        boolean resume = given.has(RESUME);
        if (target.equals(STANDARD) && (given.has(APPEND) || resume || given.has(JSON))) {
            throw new IllegalArgumentException(
                    "an image on standard output goes with none of --append, --resume, --json");
        }
        Settings settings = Settings.of(given);
        if (source.equals(STANDARD)) {
            if (resume) {
                throw new IllegalArgumentException("a capture from standard input can't be resumed");
            }
            try (ImageWriter image = open(given, new DiskGeometry(-1, 512, 512), settings.options())) {
                return run(given, settings, Capture.of(Channels.newChannel(System.in)), image);
            }
        }
        try (BlockDevice disk = Disks.openForReading(source)) {
            DiskGeometry geometry = DiskGeometry.of(disk);
            Optional<ImageWriter> image = resume
                    ? resumed(given, geometry, settings.options())
                    : Optional.of(open(given, geometry, settings.options()));
            if (image.isEmpty()) {
                System.err.println(target + " is complete already");
                return Main.SUCCESS;
            }
            try (ImageWriter writer = image.get()) {
                Capture capture = Capture.of(disk)
                        .usedOnly(!given.has(ALL) && !isInUse(source))
                        .paranoid(given.has(PARANOID));
                return run(given, settings, capture, writer);
            }
        }
    }

    private static boolean isInUse(Path source) throws IOException {
        boolean inUse = Disks.isInUse(source);
        if (inUse) {
            System.err.println("platter: " + source + " is in use, so that all of it is captured");
        }
        return inUse;
    }

    private static ImageWriter open(Arguments given, DiskGeometry geometry, ImageOptions options) throws IOException {
        Path target = given.path(IMAGE);
        if (target.equals(STANDARD)) {
            return ImageWriter.create(Channels.newChannel(System.out), geometry, options);
        }
        return given.has(APPEND)
                ? ImageWriter.append(target, geometry, options)
                : ImageWriter.create(target, geometry, options);
    }

    /** Returns the writer to go on with: nothing if the image was finished just before the program was killed. */
    private static Optional<ImageWriter> resumed(Arguments given, DiskGeometry geometry, ImageOptions options)
            throws IOException {
        Path target = given.path(IMAGE);
        if (ImageWriter.canResume(target)) {
            return Optional.of(ImageWriter.resume(target, options));
        }
        if (!Files.exists(target)) {
            return Optional.of(open(given, geometry, options));
        }
        try (ImageReader reader = ImageReader.open(target)) {
            if (given.has(APPEND) || !reader.newestImage().info().disk().equals(geometry)) {
                throw new IllegalArgumentException(target + " has nothing to resume");
            }
        }
        return Optional.empty();
    }

    private static int run(Arguments given, Settings settings, Capture capture, ImageWriter image) throws IOException {
        for (Map.Entry<String, String> property : settings.properties().entrySet()) {
            image.property(property.getKey(), property.getValue());
        }
        try (ProgressDisplay display = new ProgressDisplay("capture", given.has(JSON))) {
            CaptureReport report = capture.onReadError(settings.onError(), RETRIES)
                    .progress(display)
                    .cancellation(display.cancellation())
                    .to(image);
            boolean toStandard = given.path(IMAGE).equals(STANDARD);
            Reports.print(report, given.has(JSON), toStandard ? System.err : System.out);
        }
        return Main.SUCCESS;
    }
}
