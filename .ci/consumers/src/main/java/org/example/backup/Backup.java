package org.example.backup;

import io.platter.Capture;
import io.platter.Convert;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.device.RawDisks;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureReport;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Captures, verifies, restores and converts, a file and a disk of its own kind. */
public final class Backup {
    private Backup() {}

    /** Works in the directory that it is given, and prints what it did. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        Path file = Files.write(directory.resolve("disk.img"), content);

        try (BlockDevice disk = BlockDevices.open(file, OpenMode.READ)) {
            roundTrip(disk, content, directory, "file");
        }
        try (BlockDevice disk = new GeneratedDisk(content)) {
            roundTrip(disk, content, directory, "generated");
        }
        System.out.println("disks listed: " + !RawDisks.list().contains(null));
    }

    private static void roundTrip(BlockDevice disk, byte[] content, Path directory, String name) throws IOException {
        Path image = directory.resolve(name + ".platter");
        try (ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(disk), ImageOptions.defaults())) {
            CaptureReport report = Capture.of(disk).to(writer);
            System.out.println(name + " captured: " + (report.bytesRead() == content.length));
        }
        try (ImageReader images = ImageReader.open(image)) {
            Verify.of(images).full();
            Path restored = directory.resolve(name + ".restored");
            Restore.of(images.newestImage()).toNewFile(restored);
            check(restored, content);

            VirtualDiskFormat packed = VirtualDisks.named("packed").orElseThrow();
            Path converted = directory.resolve(name + ".packed");
            Convert.of(images.newestImage()).options(options -> options.verify(true)).toNewFile(converted, packed, VirtualDiskOptions.defaults());
            Path back = directory.resolve(name + ".back");
            try (BlockDevice bytes = BlockDevices.open(converted, OpenMode.READ);
                    BlockDevice opened = packed.open(bytes, VirtualDiskOptions.defaults())) {
                VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
                Convert.of(opened).toNewFile(back, raw, VirtualDiskOptions.defaults());
            }
            check(back, content);
        }
    }

    private static void check(Path file, byte[] content) throws IOException {
        if (!Arrays.equals(Files.readAllBytes(file), content)) {
            throw new IOException(file + " differs");
        }
        System.out.println(file.getFileName() + " is right");
    }
}
