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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Captures a disk into an image. */
@Command(name = "capture", description = "Captures a disk into an image.")
final class CaptureCommand implements Callable<Integer> {
    private static final Path STANDARD = Path.of("-");
    private static final int RETRIES = 3;

    @Option(names = "--level", paramLabel = "N", defaultValue = "1", description = "zstd level, 1 to 19; default 1")
    private int level;

    @Option(names = "--threads", paramLabel = "N", description = "workers; default: one for each processor")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = "--cut",
            paramLabel = "content|SIZE",
            defaultValue = "content",
            description = "where blocks end: by content, or at every multiple of SIZE bytes; default content")
    private String cut = "content";

    @Option(names = "--all", description = "capture unused blocks, too")
    private boolean all;

    @Option(names = "--paranoid", description = "capture unused blocks, too, unless they are zeros")
    private boolean paranoid;

    @Option(names = "--append", description = "add the image to an existing file, sharing its blocks")
    private boolean append;

    @Option(names = "--resume", description = "go on with a capture that was interrupted")
    private boolean resume;

    @Option(
            names = "--on-error",
            paramLabel = "retry|skip|abort",
            defaultValue = "retry",
            description = "what to do when the disk can't be read; default retry")
    private ReadErrorPolicy onError = ReadErrorPolicy.RETRY;

    @Option(names = "--property", paramLabel = "K=V", description = "a property of the image; may be repeated")
    private Map<String, String> properties = new LinkedHashMap<>();

    @Option(
            names = "--checkpoint",
            paramLabel = "BYTES",
            description = "bytes of data between checkpoints; default 4294967296")
    private Optional<Long> checkpoint = Optional.empty();

    @Option(names = "--json", description = "progress and report as JSON lines")
    private boolean json;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "a disk, a file, or - for standard input")
    private Path source = STANDARD;

    @Parameters(index = "1", paramLabel = "IMAGE", description = "the image file, or - for standard output")
    private Path target = STANDARD;

    private ImageOptions options() {
        ImageOptions.Builder options = ImageOptions.builder().level(level);
        options.cut(cut.equals("content") ? CutRule.byContent() : CutRule.fixed(Integer.parseInt(cut)));
        threads.ifPresent(options::threads);
        checkpoint.ifPresent(options::checkpointInterval);
        return options.build();
    }

    @Override
    public Integer call() throws IOException {
        if (target.equals(STANDARD) && (append || resume || json)) {
            throw new IllegalArgumentException(
                    "an image on standard output goes with none of --append, --resume, --json");
        }
        if (source.equals(STANDARD)) {
            if (resume) {
                throw new IllegalArgumentException("a capture from standard input can't be resumed");
            }
            try (ImageWriter image = open(new DiskGeometry(-1, 512, 512))) {
                return run(Capture.of(Channels.newChannel(System.in)), image);
            }
        }
        try (BlockDevice disk = Disks.openForReading(source)) {
            Optional<ImageWriter> image = resume ? resumed(disk) : Optional.of(open(DiskGeometry.of(disk)));
            if (image.isEmpty()) {
                System.err.println(target + " is complete already");
                return Main.SUCCESS;
            }
            try (ImageWriter writer = image.get()) {
                Capture capture = Capture.of(disk).usedOnly(!all && !isInUse()).paranoid(paranoid);
                if (Disks.isFile(source)) {
                    capture.sourceState("modified " + Files.getLastModifiedTime(source));
                }
                return run(capture, writer);
            }
        }
    }

    private boolean isInUse() throws IOException {
        boolean inUse = Disks.isInUse(source);
        if (inUse) {
            System.err.println("platter: " + source + " is in use, so that all of it is captured");
        }
        return inUse;
    }

    private ImageWriter open(DiskGeometry geometry) throws IOException {
        if (target.equals(STANDARD)) {
            return ImageWriter.create(Channels.newChannel(System.out), geometry, options());
        }
        return append
                ? ImageWriter.append(target, geometry, options())
                : ImageWriter.create(target, geometry, options());
    }

    /** Returns the writer to go on with: nothing if the image was finished just before the program was killed. */
    private Optional<ImageWriter> resumed(BlockDevice disk) throws IOException {
        if (ImageWriter.canResume(target)) {
            return Optional.of(ImageWriter.resume(target, options()));
        }
        if (!Files.exists(target)) {
            return Optional.of(open(DiskGeometry.of(disk)));
        }
        try (ImageReader reader = ImageReader.open(target)) {
            if (append || !reader.newestImage().info().disk().equals(DiskGeometry.of(disk))) {
                throw new IllegalArgumentException(target + " has nothing to resume");
            }
        }
        return Optional.empty();
    }

    private int run(Capture capture, ImageWriter image) throws IOException {
        properties.forEach(image::property);
        try (ProgressDisplay display = new ProgressDisplay("capture", json)) {
            CaptureReport report = capture.onReadError(onError, RETRIES)
                    .progress(display)
                    .cancellation(display.cancellation())
                    .to(image);
            Reports.print(report, json, target.equals(STANDARD) ? System.err : System.out);
        }
        return Main.SUCCESS;
    }
}
