package io.platter.examples;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.RestoreReport;
import io.platter.StreamRestore;
import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Restores an image to a file or a disk. */
final class RestoreCommand implements Command {
    private static final Path STANDARD = Path.of("-");

    private static final Option COMPARE = Command.flag("compare", "read the target first, and write only what differs");
    private static final Option FORCE = Command.flag("force", "write over an existing file or a disk");
    private static final Option PARTITION =
            Command.value("partition", "N", "restore this partition only, to TARGET as a whole");
    private static final Option ALLOW_SMALLER =
            Command.flag("allow-smaller", "restore to a smaller disk, if all that is used fits");
    private static final Option JSON = Command.flag("json", "progress and report as JSON lines");

    private static final Parameter IMAGE = Parameter.of("IMAGE", "the image file, or - for standard input");
    private static final Parameter TARGET = Parameter.of("TARGET", "a file or a device");

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
        return List.of(Images.NUMBER, COMPARE, FORCE, PARTITION, ALLOW_SMALLER, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE, TARGET);
    }

    @Override
    public int run(Arguments given) throws IOException {
        Path target = given.path(TARGET);
        Optional<Integer> number = given.integer(Images.NUMBER);
        Optional<Integer> partition = given.integer(PARTITION);
        if (Files.exists(target) && !given.has(FORCE)) {
            throw new FileAlreadyExistsException(target + " is there and would be overwritten; --force allows it. It");
        }
        try (ProgressDisplay display = new ProgressDisplay("restore", given.has(JSON))) {
            RestoreReport report = given.path(IMAGE).equals(STANDARD)
                    ? fromStream(given, number, display)
                    : fromFile(given, number, partition, display);
            Reports.print(report, given.has(JSON), System.out);
            if (report.moreImages() && number.isEmpty()) {
                System.err.println(
                        "platter: the stream holds more images; this was the first, which --image 1 asks for");
                return Main.BAD_IMAGE;
            }
        }
        return Main.SUCCESS;
    }

    private static RestoreReport fromFile(
            Arguments given, Optional<Integer> number, Optional<Integer> partition, ProgressDisplay display)
            throws IOException {
        Path source = given.path(IMAGE);
        Path target = given.path(TARGET);
        boolean isNew = !Files.exists(target);
        try (ImageReader reader = ImageReader.open(source)) {
            Image image = Images.of(reader, number);
            Restore restore = Restore.of(image)
                    .compare(given.has(COMPARE))
                    .allowSmaller(given.has(ALLOW_SMALLER))
                    .anySectorSize(isNew || Disks.isFile(target))
                    .progress(display)
                    .cancellation(display.cancellation());
            if (partition.isPresent()) {
                restore.partition(partition.get());
            }
            if (isNew) {
                return restore.toNewFile(target);
            }
            if (Disks.isFile(target) && Files.size(target) == 0 && partition.isEmpty()) {
                makeRoom(target, image.size());
            }
            try (BlockDevice disk = Disks.openForWriting(target)) {
                RestoreReport report = restore.to(disk);
                Disks.announce(disk);
                return report;
            }
        }
    }

    /** An empty file, such as one that was made to hold the name, becomes as large as the disk. */
    private static void makeRoom(Path target, long size) throws IOException {
        try (FileDevice empty = FileDevice.open(target, OpenMode.WRITE)) {
            empty.endAt(size);
        }
    }

    private static RestoreReport fromStream(Arguments given, Optional<Integer> number, ProgressDisplay display)
            throws IOException {
        if (given.has(COMPARE) || given.has(ALLOW_SMALLER) || given.has(PARTITION) || number.orElse(1) != 1) {
            throw new IllegalArgumentException(
                    "from standard input, the first image is restored as a whole, without comparing");
        }
        Path target = given.path(TARGET);
        boolean isNew = !Files.exists(target);
        StreamRestore restore = StreamRestore.of(Channels.newChannel(System.in))
                .anySectorSize(isNew || Disks.isFile(target))
                .progress(display)
                .cancellation(display.cancellation());
        if (isNew) {
            return restore.toNewFile(target);
        }
        try (BlockDevice disk = Disks.openForWriting(target)) {
            RestoreReport report = restore.to(disk);
            Disks.announce(disk);
            return report;
        }
    }
}
