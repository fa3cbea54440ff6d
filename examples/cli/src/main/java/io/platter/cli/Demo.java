package io.platter.cli;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureReport;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Makes a disk with a partition table and some content, captures it, restores the image to another disk, and verifies
 * both: {@code java -cp platter.jar io.platter.cli.Demo}.
 */
public final class Demo {
    private static final long DISK_SIZE = 512 << 20;
    private static final long FIRST_PARTITION = 1 << 20;

    private Demo() {}

    /** Runs the demonstration in a new temporary directory, which it deletes. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("platter-demo");
        try {
            run(directory);
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void run(Path directory) throws IOException {
        Path disk = directory.resolve("disk.img");
        Path image = directory.resolve("disk.platter");
        Path copy = directory.resolve("copy.img");
        makeDisk(disk);
        System.out.printf("made      %s: a disk of %d MiB with a GPT%n", disk, DISK_SIZE >> 20);
        capture(disk, image);
        try (ImageReader reader = ImageReader.open(image)) {
            System.out.printf(
                    "restored  %s: %d bytes written%n",
                    copy, Restore.of(reader.newestImage()).toNewFile(copy).bytesWritten());
            System.out.printf(
                    "verified  %s: %d blocks by their hashes, identity %s%n",
                    image,
                    Verify.of(reader).full().blocks().getAsLong(),
                    reader.newestImage().info().id());
        }
        boolean equal = Files.mismatch(disk, copy) < 0;
        System.out.printf("compared  %s and %s: %s%n", disk, copy, equal ? "equal" : "DIFFERENT");
        if (!equal) {
            throw new IllegalStateException("the restored disk differs");
        }
    }

    private static void capture(Path disk, Path image) throws IOException {
        try (BlockDevice source = BlockDevices.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(source), ImageOptions.defaults())) {
            CaptureReport report = Capture.of(source).to(writer);
            System.out.printf(
                    "captured  %s: %d bytes of data in a file of %d, %d ms%n",
                    image,
                    report.image().statistics().dataBytes(),
                    report.fileSize(),
                    report.elapsed().toMillis());
        }
    }

    /** The content is what every Java installation has: its own modules. */
    private static void makeDisk(Path file) throws IOException {
        try (FileDevice disk = FileDevice.create(file, DISK_SIZE);
                InputStream content =
                        Files.newInputStream(Path.of(System.getProperty("java.home"), "lib", "modules"))) {
            PartitionLayout.gpt()
                    .add(PartitionSpec.rest("linux").named("demo"))
                    .build()
                    .write(disk, new SecureRandom());
            long position = FIRST_PARTITION;
            for (byte[] piece = content.readNBytes(1 << 20); piece.length > 0; piece = content.readNBytes(1 << 20)) {
                disk.write(ByteBuffer.wrap(piece), position);
                position += piece.length;
            }
            disk.flush();
        }
    }
}
