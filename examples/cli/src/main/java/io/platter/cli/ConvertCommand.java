package io.platter.cli;

import io.platter.Convert;
import io.platter.ImageWriter;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.ConvertReport;
import io.platter.job.JobControl;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.apache.commons.cli.Option;

/** Converts a disk from any form to any other. */
final class ConvertCommand implements Command {
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
            "which state of IN: the id or name of a snapshot, or an image as --image has it; default: the newest");
    private static final Option RESOLVE = Command.value(
            "resolve",
            "DIR",
            "open the files that IN names, such as its parent, in this directory: by the last part of the name only, "
                    + "and no links; without this option, a file that needs others is refused");
    private static final Option THREADS = Command.value("threads", "N", "workers; default: one for each processor");
    private static final Option VERIFY = Command.flag("verify", "read OUT back and compare it with IN");
    private static final Option FORCE = Command.flag("force", "replace an existing file, or write over a disk");
    private static final Option JSON = Command.flag("json", Json.LINES);

    private static final Parameter IN =
            Parameter.of("IN", "a file, a disk, an NBD address, or a repository: its directory or s3://BUCKET/PREFIX");
    private static final Parameter OUT = Parameter.of(
            "OUT", "a file, a disk, an NBD address, or - for standard output if the format is written in one pass");

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
        return Repositories.options(
                FROM,
                TO,
                COMPRESS,
                SUBFORMAT,
                SNAPSHOT,
                Images.NUMBER,
                RESOLVE,
                THREADS,
                VERIFY,
                FORCE,
                Disks.SECTOR_SIZE,
                JSON);
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
    public int run(Arguments given, Session session) throws IOException {
        Path target = given.path(OUT);
        Optional<String> to = given.text(TO);
        String format = to.isPresent() ? to.get() : DiskFormats.ofNewFile(target);
        checkUsage(given, format);
        boolean isNew = Targets.isStandard(target) || Targets.isNew(target, given.has(FORCE));
        try (OpenDisk disk =
                OpenDisk.open(given, IN, FROM, given.has(SNAPSHOT) ? SNAPSHOT : Images.NUMBER, RESOLVE, session)) {
            ConvertReport report = convert(given, session, disk, format, isNew);
            Reports reports =
                    Targets.isStandard(target) ? Reports.besides(session) : Reports.of(session, given.has(JSON));
            reports.print(report);
            return report.differences().isEmpty() ? Main.SUCCESS : Main.BAD_IMAGE;
        }
    }

    private static ConvertReport convert(Arguments given, Session session, OpenDisk disk, String format, boolean isNew)
            throws IOException {
        Path target = given.path(OUT);
        try (ProgressDisplay display = new ProgressDisplay("convert", session, given.has(JSON))) {
            JobControl control = display.control(given.integer(THREADS));
            Convert convert = disk.convert()
                    .options(options -> options.verify(given.has(VERIFY)))
                    .control(control);
            try {
                return isNew || Disks.isFile(target)
                        ? write(
                                given,
                                session,
                                convert.options(options -> options.replaceExisting(!isNew)),
                                disk,
                                format,
                                !isNew,
                                control)
                        : toDisk(given, convert, format);
            } catch (CancellationException e) {
                throw Stopped.at(
                        display,
                        isNew || Disks.isFile(target) ? "nothing of it is kept" : target + " is half written",
                        e);
            }
        }
    }

    private static void checkUsage(Arguments given, String format) {
        if (given.isStandard(IN)) {
            throw new UsageException("standard input can't seek; capture reads it, from a raw disk");
        }
        if (Targets.isStandard(given.path(OUT)) && (given.has(JSON) || given.has(VERIFY))) {
            throw new UsageException("standard output goes with none of --json, --verify");
        }
        if (given.has(SNAPSHOT) && given.has(Images.NUMBER)) {
            throw new UsageException("--snapshot and --image say the same; one of them is enough");
        }
        if (given.has(COMPRESS) && !COMPRESSED.contains(format)) {
            throw new UsageException("format " + format + " has no compression, expected one of " + COMPRESSED);
        }
        if (!format.equals(DiskFormats.PLATTER)) {
            DiskFormats.writable(format);
        }
    }

    private static VirtualDiskOptions options(Arguments given, OpenDisk disk) throws IOException {
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder()
                .compression(given.has(COMPRESS) ? Compression.ZSTD : Compression.NONE)
                .logicalSectorSize(geometry(given, disk).logicalSectorSize() == 4096 ? 4096 : 512);
        given.text(SUBFORMAT).ifPresent(options::subformat);
        return options.build();
    }

    private static ConvertReport write(
            Arguments given,
            Session session,
            Convert convert,
            OpenDisk disk,
            String format,
            boolean replacing,
            JobControl control)
            throws IOException {
        Path file = given.path(OUT);
        if (format.equals(DiskFormats.PLATTER)) {
            try (ImageWriter image = image(given, session, geometry(given, disk), replacing, control)) {
                return convert.to(image);
            }
        }
        return Targets.isStandard(file)
                ? convert.to(session.output().channel(), DiskFormats.writable(format), options(given, disk))
                : convert.toNewFile(file, DiskFormats.writable(format), options(given, disk));
    }

    private static DiskGeometry geometry(Arguments given, OpenDisk disk) throws IOException {
        return disk.image().isPresent()
                ? DiskGeometry.of(disk.disk())
                : Disks.geometry(given.path(IN), disk.disk(), given);
    }

    private static ImageWriter image(
            Arguments given, Session session, DiskGeometry geometry, boolean replacing, JobControl control)
            throws IOException {
        Path file = given.path(OUT);
        // Nothing to be resumed from: a conversion starts from the start.
        ImageOptions.Builder options =
                ImageOptions.builder().checkpointInterval(Long.MAX_VALUE).replaceExisting(replacing);
        return Targets.isStandard(file)
                ? ImageWriter.create(session.output().channel(), geometry, options.build(), control)
                : ImageWriter.create(file, geometry, options.build(), control);
    }

    private static ConvertReport toDisk(Arguments given, Convert convert, String format) throws IOException {
        if (!format.equals(DiskFormats.RAW)) {
            throw new UsageException("a disk takes a raw disk only: --to raw, not " + format);
        }
        return Disks.write(given.path(OUT), convert::to);
    }
}
