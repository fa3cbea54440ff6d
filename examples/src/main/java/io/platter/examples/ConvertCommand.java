package io.platter.examples;

import io.platter.Convert;
import io.platter.ConvertReport;
import io.platter.DiskGeometry;
import io.platter.ImageOptions;
import io.platter.ImageWriter;
import io.platter.block.BlockDevice;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.cli.Option;

/** Converts a disk from any form to any other. */
final class ConvertCommand implements Command {
    private static final Path STANDARD = Path.of("-");
    /** Those that can be compressed; VMDK is in any case, and so is Platter's own. */
    private static final Set<String> COMPRESSED = Set.of("qcow2", "vmdk", DiskFormats.PLATTER);

    private static final Option FROM =
            Command.value("from", "F", "the format of IN; default: recognised by its magic, so never raw");
    private static final Option TO = Command.value("to", "F", "the format of OUT; default: by the ending of its name");
    private static final Option COMPRESS = Command.flag("compress", "compress the blocks of a qcow2 file, with zstd");
    private static final Option SUBFORMAT =
            Command.value("subformat", "S", "the variant of the format, such as fixed for vhd");
    private static final Option SNAPSHOT = Command.value(
            "snapshot",
            "N",
            "which state of IN: the id or name of a snapshot, or the number of an image; default: the newest");
    private static final Option RESOLVE = Command.value(
            "resolve",
            "DIR",
            "open the files that IN names, such as its parent, in this directory: by the last part of the name only, "
                    + "and no links; without this option, a file that needs others is refused");
    private static final Option THREADS = Command.value("threads", "N", "workers; default: one for each processor");
    private static final Option VERIFY = Command.flag("verify", "read OUT back and compare it with IN");
    private static final Option FORCE = Command.flag("force", "replace an existing file, or write over a disk");
    private static final Option JSON = Command.flag("json", "progress and report as JSON lines");

    private static final Parameter IN = Parameter.of("IN", "a file or a disk");
    private static final Parameter OUT =
            Parameter.of("OUT", "a file, a disk, or - for standard output if the format is written in one pass");

    @Override
    public String name() {
        return "convert";
    }

    @Override
    public String description() {
        return "Converts a disk from any form to any other.";
    }

    @Override
    public List<Option> options() {
        return List.of(FROM, TO, COMPRESS, SUBFORMAT, SNAPSHOT, RESOLVE, THREADS, VERIFY, FORCE, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IN, OUT);
    }

    @Override
    public String footer() {
        return "Formats: " + DiskFormats.readable() + "; to be written: " + DiskFormats.writable() + ".";
    }

    @Override
    public int run(Arguments given) throws IOException {
        Path target = given.path(OUT);
        Optional<String> to = given.text(TO);
        String format = to.isPresent() ? to.get() : DiskFormats.ofNewFile(target);
        checkUsage(given, format);
        boolean isNew = target.equals(STANDARD) || !Files.exists(target);
        if (!isNew && !given.has(FORCE)) {
            throw new FileAlreadyExistsException(target + " is there and would be overwritten; --force allows it. It");
        }
        Optional<Integer> threads = given.integer(THREADS);
        boolean json = given.has(JSON);
        try (OpenDisk disk =
                        OpenDisk.open(given.path(IN), given.text(FROM), given.text(SNAPSHOT), given.path(RESOLVE));
                ProgressDisplay display = new ProgressDisplay("convert", json)) {
            Convert convert =
                    disk.convert().verify(given.has(VERIFY)).progress(display).cancellation(display.cancellation());
            if (threads.isPresent()) {
                convert.threads(threads.get());
            }
            ConvertReport report;
            if (isNew) {
                report = write(given, convert, disk, format, target);
            } else if (Disks.isFile(target)) {
                report = replace(given, convert, disk, format);
            } else {
                report = toDisk(given, convert, format);
            }
            Reports.print(report, json, target.equals(STANDARD) ? System.err : System.out);
            return report.differences().isEmpty() ? Main.SUCCESS : Main.BAD_IMAGE;
        }
    }

    private static void checkUsage(Arguments given, String format) {
        if (given.path(IN).equals(STANDARD)) {
            throw new IllegalArgumentException("standard input can't seek; capture reads it, from a raw disk");
        }
        if (given.path(OUT).equals(STANDARD) && (given.has(JSON) || given.has(VERIFY))) {
            throw new IllegalArgumentException("standard output goes with none of --json, --verify");
        }
        if (given.has(COMPRESS) && !COMPRESSED.contains(format)) {
            throw new IllegalArgumentException(
                    "format " + format + " has no compression, expected one of " + COMPRESSED);
        }
        if (!format.equals(DiskFormats.PLATTER)) {
            DiskFormats.writable(format);
        }
    }

    private static VirtualDiskOptions options(Arguments given, OpenDisk disk) {
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder()
                .compression(given.has(COMPRESS) ? Compression.ZSTD : Compression.NONE)
                .logicalSectorSize(disk.disk().logicalSectorSize() == 4096 ? 4096 : 512);
        given.text(SUBFORMAT).ifPresent(options::subformat);
        return options.build();
    }

    private static ConvertReport write(Arguments given, Convert convert, OpenDisk disk, String format, Path file)
            throws IOException {
        if (format.equals(DiskFormats.PLATTER)) {
            try (ImageWriter image = image(given, DiskGeometry.of(disk.disk()), file)) {
                return convert.to(image);
            }
        }
        return file.equals(STANDARD)
                ? convert.to(Channels.newChannel(System.out), DiskFormats.writable(format), options(given, disk))
                : convert.toNewFile(file, DiskFormats.writable(format), options(given, disk));
    }

    private static ImageWriter image(Arguments given, DiskGeometry geometry, Path file) throws IOException {
        // Nothing to be resumed from: a conversion starts from the start.
        ImageOptions.Builder options = ImageOptions.builder().checkpointInterval(Long.MAX_VALUE);
        given.integer(THREADS).ifPresent(options::threads);
        return file.equals(STANDARD)
                ? ImageWriter.create(Channels.newChannel(System.out), geometry, options.build())
                : ImageWriter.create(file, geometry, options.build());
    }

    /** Writes beside the existing file, which stays until the new one is complete. */
    private static ConvertReport replace(Arguments given, Convert convert, OpenDisk disk, String format)
            throws IOException {
        Path target = given.path(OUT);
        Path beside = target.resolveSibling(target.getFileName() + ".new");
        ConvertReport report = write(given, convert, disk, format, beside);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        return report;
    }

    private static ConvertReport toDisk(Arguments given, Convert convert, String format) throws IOException {
        if (!format.equals(DiskFormats.RAW)) {
            throw new IllegalArgumentException("a disk takes a raw disk only: --to raw, not " + format);
        }
        try (BlockDevice disk = Disks.openForWriting(given.path(OUT))) {
            ConvertReport report = convert.to(disk);
            Disks.announce(disk);
            return report;
        }
    }
}
