package io.platter.cli;

import io.platter.Convert;
import io.platter.Image;
import io.platter.Restore;
import io.platter.StreamRestore;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.FileEnd;
import io.platter.job.ConvertReport;
import io.platter.job.RestoreReport;
import io.platter.job.StreamRestoreReport;
import io.platter.job.TargetRules;
import io.platter.partition.Finding;
import io.platter.partition.Partition;
import io.platter.partition.PartitionTables;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.commons.cli.Option;

/** Restores an image to a file, a disk or standard output. */
final class RestoreCommand implements Command {
    static final Option COMPARE = Command.flag("compare", "read the target first, and write only what differs");
    static final Option FORCE = Command.flag("force", "write over an existing file or a disk");
    static final Option PARTITION =
            Command.value("partition", "N", "restore this partition only, to TARGET as a whole");
    static final Option ALLOW_SMALLER =
            Command.flag("allow-smaller", "restore to a smaller disk, if all that is used fits");
    private static final Option ANY_SECTOR_SIZE = Command.flag(
            "any-sector-size",
            "restore to a disk with other sectors, whose table and filesystems are then not understood");
    private static final Option DRY_RUN = Command.flag("dry-run", DryRun.DESCRIPTION);
    private static final Option JSON = Command.flag("json", Json.LINES);

    private static final Parameter IMAGE = Parameter.of(
            "IMAGE", OpenImages.PLACES + "; or - for standard input, of which the first image is restored");
    private static final Parameter TARGET =
            Parameter.of("TARGET", "a file, a device, an NBD address, or - for the raw disk on standard output");

    @Override
    public String name() {
        return "restore";
    }

    @Override
    public String description() {
        return "Restores an image to a new file, or over an existing file or a disk.";
    }

    @Override
    public List<Option> options() {
        return Repositories.options(
                Images.NUMBER, COMPARE, FORCE, PARTITION, ALLOW_SMALLER, ANY_SECTOR_SIZE, DRY_RUN, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE, TARGET);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        Path target = given.path(TARGET);
        boolean fromStream = given.isStandard(IMAGE);
        checkUsage(given, fromStream);
        if (Targets.isStandard(target)) {
            return toStandardOutput(given, session);
        }
        boolean isNew = Targets.isNew(target, given.has(FORCE));
        if (given.has(DRY_RUN)) {
            return dryRun(given, session, isNew);
        }
        RestoreReport report;
        Optional<StreamRestoreReport> ofStream = Optional.empty();
        try (ProgressDisplay display = new ProgressDisplay("restore", session, given.has(JSON))) {
            try {
                if (fromStream) {
                    ofStream = Optional.of(fromStream(given, session, isNew, display));
                    report = ofStream.get();
                } else {
                    report = fromFile(given, session, isNew, display);
                }
            } catch (CancellationException e) {
                throw Stopped.at(display, isNew ? "nothing of it is kept" : target + " is half written", e);
            }
        }
        Reports.of(session, given.has(JSON)).print(report);
        return ofStream.isEmpty() ? Main.SUCCESS : judge(ofStream.get(), given, session);
    }

    private static int judge(StreamRestoreReport report, Arguments given, Session session) {
        if (report.moreImages() && Images.named(given, Images.NUMBER).isEmpty()) {
            session.notice("standard input holds more images; the first was restored");
        }
        if (report.end().state() != FileEnd.State.CLEAN) {
            session.notice("standard input: " + report.end().detail());
            return Main.BAD_IMAGE;
        }
        boolean understood =
                report.findings().stream().noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
        return understood ? Main.SUCCESS : Main.BAD_IMAGE;
    }

    private static void checkUsage(Arguments given, boolean fromStream) {
        boolean ofRepository = !fromStream && Repositories.isOne(given, IMAGE);
        boolean first =
                ofRepository || Images.named(given, Images.NUMBER).orElse("1").equals("1");
        if (fromStream
                && (given.has(COMPARE)
                        || given.has(ALLOW_SMALLER)
                        || given.has(PARTITION)
                        || given.has(DRY_RUN)
                        || !first)) {
            throw new UsageException("from standard input, the first image is restored as a whole, without comparing");
        }
        if (!Targets.isStandard(given.path(TARGET))) {
            return;
        }
        if (fromStream) {
            throw new UsageException("standard output takes a disk in order, which an image on standard input is not; "
                    + "name the image's file");
        }
        if (given.has(COMPARE) || given.has(ALLOW_SMALLER) || given.has(JSON) || given.has(DRY_RUN)) {
            throw new UsageException(
                    "the disk on standard output goes with none of --compare, --allow-smaller, --json, --dry-run");
        }
    }

    private static RestoreReport fromFile(Arguments given, Session session, boolean isNew, ProgressDisplay display)
            throws IOException {
        Path target = given.path(TARGET);
        try (OpenImages images = OpenImages.open(given, IMAGE, Images.NUMBER, session)) {
            Image image = images.image();
            Restore restore = restore(given, image, target, isNew).control(display.control());
            if (isNew) {
                return restore.toNewFile(target);
            }
            if (isEmptyFile(target) && !given.has(PARTITION)) {
                makeRoom(target, image.size());
            }
            return Disks.write(target, restore::to);
        }
    }

    /** Returns the restore that the options ask for, also those of a repository's images. */
    static Restore restore(Arguments given, Image image, Path target, boolean isNew) {
        return Restore.of(image).options(options -> {
            options.compare(given.has(COMPARE)).allowSmaller(given.has(ALLOW_SMALLER));
            options.anySectorSize(given.has(ANY_SECTOR_SIZE) || isNew || Disks.isFile(target));
            given.integer(PARTITION).ifPresent(options::partition);
        });
    }

    private static boolean isEmptyFile(Path target) throws IOException {
        return Disks.isFile(target) && Files.size(target) == 0;
    }

    /** An empty file, such as one that was made to hold the name, becomes as large as the disk. */
    private static void makeRoom(Path target, long size) throws IOException {
        try (FileDevice empty = FileDevice.open(target, OpenMode.WRITE)) {
            empty.endAt(size);
        }
    }

    private static StreamRestoreReport fromStream(
            Arguments given, Session session, boolean isNew, ProgressDisplay display) throws IOException {
        Path target = given.path(TARGET);
        StreamRestore restore = StreamRestore.of(session.inputChannel())
                .target(TargetRules.defaults()
                        .anySectorSize(given.has(ANY_SECTOR_SIZE) || isNew || Disks.isFile(target)))
                .control(display.control());
        return isNew ? restore.toNewFile(target) : Disks.write(target, restore::to);
    }

    /** A pipe takes bytes in order only: it is written as a conversion to a raw disk is. */
    private static int toStandardOutput(Arguments given, Session session) throws IOException {
        ConvertReport report;
        try (OpenImages images = OpenImages.open(given, IMAGE, Images.NUMBER, session);
                ProgressDisplay display = new ProgressDisplay("restore", session, false)) {
            Image image = images.image();
            Optional<Partition> partition = partition(given, image);
            Convert convert = partition.isEmpty()
                    ? Convert.of(image)
                    : Convert.of(image.asDevice()
                            .slice(partition.get().diskOffset(), partition.get().length()));
            report = convert.control(display.control())
                    .to(
                            session.output().channel(),
                            DiskFormats.writable(DiskFormats.RAW),
                            VirtualDiskOptions.defaults());
        }
        Reports.besides(session).printRestored(report);
        return Main.SUCCESS;
    }

    private static Optional<Partition> partition(Arguments given, Image image) throws IOException {
        Optional<Integer> number = given.integer(PARTITION);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        Optional<Partition> found = PartitionTables.read(image.asDevice()).partitions().stream()
                .filter(partition -> partition.index() == number.get() && partition.end() <= image.size())
                .findFirst();
        if (found.isEmpty()) {
            throw new UsageException("the image has no partition " + number.get());
        }
        return found;
    }

    /** Opens all that a restore opens, and goes through its checks. */
    private static int dryRun(Arguments given, Session session, boolean isNew) throws IOException {
        Path target = given.path(TARGET);
        try (OpenImages images = OpenImages.open(given, IMAGE, Images.NUMBER, session)) {
            Image image = images.image();
            Optional<Partition> partition = partition(given, image);
            BlockDevice disk = image.asDevice();
            BlockDevice restored = partition.isEmpty()
                    ? disk
                    : disk.slice(partition.get().diskOffset(), partition.get().length());
            long data = Disks.totals(restored).getOrDefault(ExtentKind.DATA, 0L);
            DryRun dryRun = new DryRun("restore", given.has(JSON), session.output());
            dryRun.fact("image", image.info().number());
            partition.ifPresent(each -> dryRun.fact("partition", each.index()));
            dryRun.fact("diskSize", restored.size());
            dryRun.fact("dataBytes", data);
            dryRun.line("would restore "
                    + partition
                            .map(each -> "partition " + each.index() + " of ")
                            .orElse("") + "image "
                    + image.info().number() + ": " + Sizes.exact(restored.size()) + ", of it "
                    + Sizes.human(data) + " are data");
            if (!isNew && (!isEmptyFile(target) || partition.isPresent())) {
                try (BlockDevice there = Disks.openForWriting(target)) {
                    new UntouchedDisk(there).run(restore(given, image, target, false)::to);
                    dryRun.target(
                            target, (Disks.isFile(target) ? "a file of " : "a disk of ") + Sizes.exact(there.size()));
                }
            } else {
                dryRun.target(target, isNew ? "a new file" : "an empty file");
                dryRun.room(Targets.freeSpace(target), data, "the restore will fail");
            }
            return dryRun.end();
        }
    }
}
