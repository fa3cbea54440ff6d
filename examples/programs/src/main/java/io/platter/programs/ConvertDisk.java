package io.platter.programs;

import io.platter.Convert;
import io.platter.DiskImages;
import io.platter.block.BlockDevice;
import io.platter.job.ConvertReport;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.FileResolver;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Converts any disk file, or the newest image of a Platter file: {@code ConvertDisk FROM TO FORMAT}. */
public final class ConvertDisk {
    private ConvertDisk() {}

    /** Converts, compressed where the format can be, and compares. */
    public static void main(String[] arguments) throws IOException {
        Path from = Path.of(arguments[0]).toAbsolutePath();
        VirtualDiskFormat format = VirtualDisks.named(arguments[2]).orElseThrow();
        // A parent, or a part, that the file names is looked for beside it, and nowhere else.
        VirtualDiskOptions beside = VirtualDiskOptions.builder()
                .resolver(FileResolver.inDirectory(Objects.requireNonNull(from.getParent())))
                .build();
        VirtualDiskOptions compressed =
                VirtualDiskOptions.builder().compression(Compression.ZSTD).build();
        try (BlockDevice disk = DiskImages.open(from, beside)) {
            ConvertReport report = Convert.of(disk)
                    .options(options -> options.verify(true))
                    .toNewFile(
                            Path.of(arguments[1]),
                            format,
                            format.name().equals("qcow2") ? compressed : VirtualDiskOptions.defaults());
            report.findings().forEach(finding -> System.out.println(finding.message()));
            System.out.println("converted " + report.diskSize() + " bytes, differences: "
                    + report.differences().size());
        }
    }
}
