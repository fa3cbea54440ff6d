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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Converts a disk from any form to any other. */
@Command(name = "convert", description = "Converts a disk from any form to any other.")
final class ConvertCommand implements Callable<Integer> {
    private static final Path STANDARD = Path.of("-");
    /** Those that can be compressed; VMDK is in any case, and so is Platter's own. */
    private static final Set<String> COMPRESSED = Set.of("qcow2", "vmdk", DiskFormats.PLATTER);

    @Option(
            names = "--from",
            paramLabel = "F",
            completionCandidates = DiskFormats.ReadableNames.class,
            description = "the format of IN: ${COMPLETION-CANDIDATES}; default: recognised by its magic, so never raw")
    private Optional<String> from = Optional.empty();

    @Option(
            names = "--to",
            paramLabel = "F",
            completionCandidates = DiskFormats.Writable.class,
            description = "the format of OUT: ${COMPLETION-CANDIDATES}; default: by the ending of its name")
    private Optional<String> to = Optional.empty();

    @Option(names = "--compress", description = "compress the blocks of a qcow2 file, with zstd")
    private boolean compress;

    @Option(names = "--subformat", paramLabel = "S", description = "the variant of the format, such as fixed for vhd")
    private Optional<String> subformat = Optional.empty();

    @Option(
            names = "--snapshot",
            paramLabel = "N",
            description =
                    "which state of IN: the id or name of a snapshot, or the number of an image; default: the newest")
    private Optional<String> snapshot = Optional.empty();

    @Option(
            names = "--resolve",
            paramLabel = "DIR",
            description = {
                "open the files that IN names, such as its parent, in this directory: by the last part of the name only, "
                        + "and no links.",
                "Without this option, a file that needs others is refused"
            })
    private Optional<Path> resolve = Optional.empty();

    @Option(names = "--threads", paramLabel = "N", description = "workers; default: one for each processor")
    private Optional<Integer> threads = Optional.empty();

    @Option(names = "--verify", description = "read OUT back and compare it with IN")
    private boolean verify;

    @Option(names = "--force", description = "replace an existing file, or write over a disk")
    private boolean force;

    @Option(names = "--json", description = "progress and report as JSON lines")
    private boolean json;

    @Parameters(index = "0", paramLabel = "IN", description = "a file or a disk")
    private Path source = STANDARD;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "a file, a disk, or - for standard output if the format is written in one pass")
    private Path target = STANDARD;

    @Override
    public Integer call() throws IOException {
        String format = to.orElseGet(() -> DiskFormats.ofNewFile(target));
        checkUsage(format);
        boolean isNew = target.equals(STANDARD) || !Files.exists(target);
        if (!isNew && !force) {
            throw new FileAlreadyExistsException(target + " is there and would be overwritten; --force allows it. It");
        }
        try (OpenDisk disk = OpenDisk.open(source, from, snapshot, resolve);
                ProgressDisplay display = new ProgressDisplay("convert", json)) {
            Convert convert = disk.convert().verify(verify).progress(display).cancellation(display.cancellation());
            threads.ifPresent(convert::threads);
            ConvertReport report;
            if (isNew) {
                report = write(convert, disk, format, target);
            } else if (Disks.isFile(target)) {
                report = replace(convert, disk, format);
            } else {
                report = toDisk(convert, format);
            }
            Reports.print(report, json, target.equals(STANDARD) ? System.err : System.out);
            return report.differences().isEmpty() ? Main.SUCCESS : Main.BAD_IMAGE;
        }
    }

    private void checkUsage(String format) {
        if (source.equals(STANDARD)) {
            throw new IllegalArgumentException("standard input can't seek; capture reads it, from a raw disk");
        }
        if (target.equals(STANDARD) && (json || verify)) {
            throw new IllegalArgumentException("standard output goes with none of --json, --verify");
        }
        if (compress && !COMPRESSED.contains(format)) {
            throw new IllegalArgumentException(
                    "format " + format + " has no compression, expected one of " + COMPRESSED);
        }
        if (!format.equals(DiskFormats.PLATTER)) {
            DiskFormats.writable(format);
        }
    }

    private VirtualDiskOptions options(OpenDisk disk) {
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder()
                .compression(compress ? Compression.ZSTD : Compression.NONE)
                .logicalSectorSize(disk.disk().logicalSectorSize() == 4096 ? 4096 : 512);
        subformat.ifPresent(options::subformat);
        return options.build();
    }

    private ConvertReport write(Convert convert, OpenDisk disk, String format, Path file) throws IOException {
        if (format.equals(DiskFormats.PLATTER)) {
            try (ImageWriter image = image(DiskGeometry.of(disk.disk()), file)) {
                return convert.to(image);
            }
        }
        return file.equals(STANDARD)
                ? convert.to(Channels.newChannel(System.out), DiskFormats.writable(format), options(disk))
                : convert.toNewFile(file, DiskFormats.writable(format), options(disk));
    }

    private ImageWriter image(DiskGeometry geometry, Path file) throws IOException {
        // Nothing to be resumed from: a conversion starts from the start.
        ImageOptions.Builder options = ImageOptions.builder().checkpointInterval(Long.MAX_VALUE);
        threads.ifPresent(options::threads);
        return file.equals(STANDARD)
                ? ImageWriter.create(Channels.newChannel(System.out), geometry, options.build())
                : ImageWriter.create(file, geometry, options.build());
    }

    /** Writes beside the existing file, which stays until the new one is complete. */
    private ConvertReport replace(Convert convert, OpenDisk disk, String format) throws IOException {
        Path beside = target.resolveSibling(target.getFileName() + ".new");
        ConvertReport report = write(convert, disk, format, beside);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        return report;
    }

    private ConvertReport toDisk(Convert convert, String format) throws IOException {
        if (!format.equals(DiskFormats.RAW)) {
            throw new IllegalArgumentException("a disk takes a raw disk only: --to raw, not " + format);
        }
        try (BlockDevice disk = Disks.openForWriting(target, source)) {
            ConvertReport report = convert.to(disk);
            Disks.announce(disk);
            return report;
        }
    }
}
