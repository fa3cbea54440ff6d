package io.platter.examples;

import io.platter.Image;
import io.platter.ImageInfo;
import io.platter.ImageReader;
import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.virtualdisk.VirtualDiskInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what an image file, or a disk file of another format, holds. */
@Command(name = "info", description = "Tells what an image file, or a disk file of another format, holds.")
final class InfoCommand implements Callable<Integer> {
    @Option(
            names = "--from",
            paramLabel = "F",
            completionCandidates = DiskFormats.ReadableNames.class,
            description =
                    "the format of FILE: ${COMPLETION-CANDIDATES}; default: recognised by its magic, so never raw")
    private Optional<String> from = Optional.empty();

    @Option(
            names = "--resolve",
            paramLabel = "DIR",
            description = "open the files that FILE names in this directory; see convert")
    private Optional<Path> resolve = Optional.empty();

    @Option(names = "--json", description = "as one JSON object")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "the file")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
        String format = from.isPresent() ? from.get() : OpenDisk.recognise(file);
        if (format.equals(DiskFormats.PLATTER)) {
            describeImages();
            return Main.SUCCESS;
        }
        try (OpenDisk disk = OpenDisk.open(file, Optional.of(format), Optional.empty(), resolve)) {
            Map<ExtentKind, Long> totals = totals(disk.disk());
            if (json) {
                System.out.println(Json.of(describe(disk, totals)));
            } else {
                print(disk, totals);
            }
        }
        return Main.SUCCESS;
    }

    private static Map<ExtentKind, Long> totals(BlockDevice disk) throws IOException {
        Map<ExtentKind, Long> totals = new EnumMap<>(ExtentKind.class);
        for (ExtentKind kind : new ExtentKind[] {ExtentKind.DATA, ExtentKind.ZERO, ExtentKind.UNUSED}) {
            totals.put(kind, 0L);
        }
        for (long position = 0; position < disk.size(); ) {
            Extent extent = disk.extentAt(position);
            totals.merge(extent.kind(), extent.length(), Long::sum);
            position = extent.end();
        }
        return totals;
    }

    private static Map<String, Object> describe(OpenDisk disk, Map<ExtentKind, Long> totals) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("format", disk.format());
        all.put("diskSize", disk.disk().size());
        all.put("logicalSectorSize", disk.disk().logicalSectorSize());
        all.put("blockSize", disk.info().blockSize());
        all.put("dataBytes", totals.get(ExtentKind.DATA));
        all.put("zeroBytes", totals.get(ExtentKind.ZERO));
        all.put("unusedBytes", totals.get(ExtentKind.UNUSED));
        all.put(
                "snapshots",
                disk.info().snapshots().stream().map(InfoCommand::describe).toList());
        return all;
    }

    private static Map<String, Object> describe(VirtualDiskInfo.Snapshot snapshot) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", snapshot.id());
        line.put("name", snapshot.name());
        line.put("diskSize", snapshot.diskSize());
        return line;
    }

    private void print(OpenDisk disk, Map<ExtentKind, Long> totals) {
        System.out.printf(
                "%s: %s, disk of %d bytes, sectors of %d%n",
                file, disk.format(), disk.disk().size(), disk.disk().logicalSectorSize());
        if (disk.info().blockSize() > 0) {
            System.out.printf("  blocks of   %d%n", disk.info().blockSize());
        }
        System.out.printf("  data        %d%n", totals.get(ExtentKind.DATA));
        System.out.printf("  zero        %d%n", totals.get(ExtentKind.ZERO));
        System.out.printf("  unused      %d%n", totals.get(ExtentKind.UNUSED));
        disk.info()
                .snapshots()
                .forEach(snapshot -> System.out.printf(
                        "  snapshot %s: %s, disk of %d bytes%n", snapshot.id(), snapshot.name(), snapshot.diskSize()));
    }

    private void describeImages() throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Optional<Image> unfinished = reader.unfinishedImage();
            if (json) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("fileSize", Files.size(file));
                all.put(
                        "images",
                        reader.images().stream()
                                .map(image -> Reports.describe(image.info()))
                                .toList());
                unfinished.ifPresent(image -> all.put("unfinishedUpTo", image.size()));
                System.out.println(Json.of(all));
                return;
            }
            System.out.printf(
                    "%s: %d bytes, %d images%n",
                    file, Files.size(file), reader.images().size());
            reader.images().forEach(image -> print(image.info()));
            unfinished.ifPresent(
                    image -> System.out.printf("an unfinished image, captured up to disk offset %d%n", image.size()));
        }
    }

    private static void print(ImageInfo image) {
        System.out.printf(
                "image %d: disk of %d bytes, sectors of %d%n",
                image.number(), image.disk().size(), image.disk().logicalSectorSize());
        System.out.printf("  id          %s%n", image.id());
        System.out.printf("  data        %d%n", image.statistics().dataBytes());
        System.out.printf("  new         %d%n", image.statistics().newBytes());
        System.out.printf("  zero        %d%n", image.statistics().zeroBytes());
        System.out.printf("  unused      %d%n", image.statistics().unusedBytes());
        System.out.printf("  unreadable  %d%n", image.statistics().unreadableBytes());
        image.properties().forEach((key, value) -> System.out.printf("  %s = %s%n", key, value));
        image.partitions()
                .forEach(partition -> System.out.printf(
                        "  partition %d: %d bytes at disk offset %d %s%n",
                        partition.index(), partition.length(), partition.diskOffset(), partition.attributes()));
    }
}
