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
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores an image to a file or a disk. */
@Command(name = "restore", description = "Restores an image to a new file, or over an existing file or a disk.")
final class RestoreCommand implements Callable<Integer> {
    private static final Path STANDARD = Path.of("-");

    @Option(names = "--image", paramLabel = "N", description = "which image of the file; default: the newest")
    private Optional<Integer> number = Optional.empty();

    @Option(names = "--compare", description = "read the target first, and write only what differs")
    private boolean compare;

    @Option(names = "--force", description = "write over an existing file or a disk")
    private boolean force;

    @Option(names = "--partition", paramLabel = "N", description = "restore this partition only, to TARGET as a whole")
    private Optional<Integer> partition = Optional.empty();

    @Option(names = "--allow-smaller", description = "restore to a smaller disk, if all that is used fits")
    private boolean allowSmaller;

    @Option(names = "--json", description = "progress and report as JSON lines")
    private boolean json;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "the image file, or - for standard input")
    private Path source = STANDARD;

    @Parameters(index = "1", paramLabel = "TARGET", description = "a file or a device")
    private Path target = STANDARD;

    @Override
    public Integer call() throws IOException {
        boolean isNew = !Files.exists(target);
        if (!isNew && !force) {
            throw new FileAlreadyExistsException(target + " is there and would be overwritten; --force allows it. It");
        }
        try (ProgressDisplay display = new ProgressDisplay("restore", json)) {
            RestoreReport report = source.equals(STANDARD) ? fromStream(isNew, display) : fromFile(isNew, display);
            Reports.print(report, json, System.out);
            if (report.moreImages() && number.isEmpty()) {
                System.err.println(
                        "platter: the stream holds more images; this was the first, which --image 1 asks for");
                return Main.BAD_IMAGE;
            }
        }
        return Main.SUCCESS;
    }

    private RestoreReport fromFile(boolean isNew, ProgressDisplay display) throws IOException {
        try (ImageReader reader = ImageReader.open(source)) {
            Image image = number.isPresent() ? reader.image(number.get()) : reader.newestImage();
            Restore restore = Restore.of(image)
                    .compare(compare)
                    .allowSmaller(allowSmaller)
                    .anySectorSize(isNew || Disks.isFile(target))
                    .progress(display)
                    .cancellation(display.cancellation());
            partition.ifPresent(restore::partition);
            if (isNew) {
                return restore.toNewFile(target);
            }
            if (Disks.isFile(target) && Files.size(target) == 0 && partition.isEmpty()) {
                makeRoom(image.size());
            }
            try (BlockDevice disk = Disks.openForWriting(target, source)) {
                RestoreReport report = restore.to(disk);
                Disks.announce(disk);
                return report;
            }
        }
    }

    /** An empty file, such as one that was made to hold the name, becomes as large as the disk. */
    private void makeRoom(long size) throws IOException {
        try (FileDevice empty = FileDevice.open(target, OpenMode.WRITE)) {
            empty.endAt(size);
        }
    }

    private RestoreReport fromStream(boolean isNew, ProgressDisplay display) throws IOException {
        if (compare || allowSmaller || partition.isPresent() || number.orElse(1) != 1) {
            throw new IllegalArgumentException(
                    "from standard input, the first image is restored as a whole, without comparing");
        }
        StreamRestore restore = StreamRestore.of(Channels.newChannel(System.in))
                .anySectorSize(isNew || Disks.isFile(target))
                .progress(display)
                .cancellation(display.cancellation());
        if (isNew) {
            return restore.toNewFile(target);
        }
        try (BlockDevice disk = Disks.openForWriting(target, target)) {
            RestoreReport report = restore.to(disk);
            Disks.announce(disk);
            return report;
        }
    }
}
