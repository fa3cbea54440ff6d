package io.platter.programs;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.job.RestoreReport;
import io.platter.partition.Finding;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.file.Path;

/** Puts the newest image of a file on a disk that may be larger: {@code RestoreToLargerDisk FILE DISK}. */
public final class RestoreToLargerDisk {
    private RestoreToLargerDisk() {}

    /** Restores, reads the disk back, and prints its partitions. */
    public static void main(String[] arguments) throws IOException {
        try (ImageReader images = ImageReader.open(Path.of(arguments[0]));
                BlockDevice disk = BlockDevices.open(Path.of(arguments[1]), OpenMode.WRITE)) {
            Image image = images.newestImage();
            RestoreReport report = Restore.of(image).to(disk);
            for (Finding finding : report.findings()) {
                System.out.println(finding.severity().code() + ": " + finding.message());
            }
            System.out.println("left to the disk beyond the image: " + (disk.size() - image.size()) + " bytes");
            System.out.println(
                    "differences: " + Verify.of(image).differences(disk).size());
            PartitionTables.read(disk)
                    .partitions()
                    .forEach(partition -> System.out.println("partition " + partition.index() + ": "
                            + partition.length() + " bytes at " + partition.diskOffset()));
        }
    }
}
