package io.platter.examples;

import io.platter.Image;
import io.platter.ImageInfo;
import io.platter.ImageReader;
import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.format.PartitionSummary;
import io.platter.virtualdisk.VirtualDiskInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Tells what an image file, or a disk file of another format, holds. */
final class InfoCommand implements Command {
    private static final Option FROM =
            Command.value("from", "F", "the format of FILE; default: recognised by its magic, so never raw");
    private static final Option RESOLVE =
            Command.value("resolve", "DIR", "open the files that FILE names in this directory; see convert");
    private static final Option JSON = Command.flag("json", "as one JSON object");

    private static final Parameter FILE = Parameter.of("FILE", "the file");

    @Override
    public String name() {
        return "info";
    }

    @Override
    public String description() {
        return "Tells what an image file, or a disk file of another format, holds.";
    }

    @Override
    public List<Option> options() {
        return List.of(FROM, RESOLVE, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(FILE);
    }

    @Override
    public String footer() {
        return "Formats: " + DiskFormats.readable() + ".";
    }

    @Override
    public int run(Arguments given) throws IOException {
        Path file = given.path(FILE);
        Optional<String> from = given.text(FROM);
        String format = from.isPresent() ? from.get() : OpenDisk.recognise(file);
        if (format.equals(DiskFormats.PLATTER)) {
            describeImages(file, given.has(JSON));
            return Main.SUCCESS;
        }
        try (OpenDisk disk = OpenDisk.open(file, Optional.of(format), Optional.empty(), given.path(RESOLVE))) {
            Map<ExtentKind, Long> totals = totals(disk.disk());
            if (given.has(JSON)) {
                System.out.println(Json.of(describe(disk, totals)));
            } else {
                print(file, disk, totals);
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

    private static void print(Path file, OpenDisk disk, Map<ExtentKind, Long> totals) {
        System.out.println(file + ": " + disk.format() + ", disk of "
                + disk.disk().size() + " bytes, sectors of " + disk.disk().logicalSectorSize());
        if (disk.info().blockSize() > 0) {
            System.out.println("  blocks of   " + disk.info().blockSize());
        }
        System.out.println("  data        " + totals.get(ExtentKind.DATA));
        System.out.println("  zero        " + totals.get(ExtentKind.ZERO));
        System.out.println("  unused      " + totals.get(ExtentKind.UNUSED));
        for (VirtualDiskInfo.Snapshot snapshot : disk.info().snapshots()) {
            System.out.println("  snapshot " + snapshot.id() + ": " + snapshot.name() + ", disk of "
                    + snapshot.diskSize() + " bytes");
        }
    }

    private static void describeImages(Path file, boolean json) throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Optional<Image> unfinished = reader.unfinishedImage();
            if (json) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("fileSize", Files.size(file));
                List<Map<String, Object>> images = new ArrayList<>();
                for (Image image : reader.images()) {
                    images.add(Reports.describe(image.info()));
                }
                all.put("images", images);
                if (unfinished.isPresent()) {
                    all.put("unfinishedUpTo", unfinished.get().size());
                }
                System.out.println(Json.of(all));
                return;
            }
            System.out.println(file + ": " + Files.size(file) + " bytes, "
                    + reader.images().size() + " images");
            for (Image image : reader.images()) {
                print(image.info());
            }
            if (unfinished.isPresent()) {
                System.out.println("an unfinished image, captured up to disk offset "
                        + unfinished.get().size());
            }
        }
    }

    private static void print(ImageInfo image) {
        System.out.println("image " + image.number() + ": disk of "
                + image.disk().size() + " bytes, sectors of " + image.disk().logicalSectorSize());
        System.out.println("  id          " + image.id());
        System.out.println("  data        " + image.statistics().dataBytes());
        System.out.println("  new         " + image.statistics().newBytes());
        System.out.println("  zero        " + image.statistics().zeroBytes());
        System.out.println("  unused      " + image.statistics().unusedBytes());
        System.out.println("  unreadable  " + image.statistics().unreadableBytes());
        for (Map.Entry<String, String> property : image.properties().entrySet()) {
            System.out.println("  " + property.getKey() + " = " + property.getValue());
        }
        for (PartitionSummary partition : image.partitions()) {
            System.out.println("  partition " + partition.index() + ": " + partition.length() + " bytes at disk offset "
                    + partition.diskOffset() + " " + partition.attributes());
        }
    }
}
