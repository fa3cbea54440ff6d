package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.block.ExtentKind;
import io.platter.block.ImageFormatException;
import io.platter.image.FileEnd;
import io.platter.image.ImageInfo;
import io.platter.image.PartitionSummary;
import io.platter.virtualdisk.VirtualDiskInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Tells what an image file, or a disk file of another format, holds. */
final class InfoCommand implements Command {
    private static final Option FROM =
            Command.value("from", "F", "the format of FILE; default: recognised by its magic, so never raw");
    private static final Option RESOLVE =
            Command.value("resolve", "DIR", "open the files that FILE names in this directory; see convert");
    private static final Option NUMBER = Command.value(
            "image",
            "N",
            "tell all of this image, as the other commands name it; default: all of a single one, else a line for each");
    private static final Option JSON = Command.flag("json", Json.OBJECT);

    private static final Parameter FILE =
            Parameter.of("FILE", "the file, or a repository: its directory or s3://BUCKET/PREFIX");

    private static final int ID_PREFIX = 12;
    private static final String TIME = "time";
    /** The properties that tell people best which image it is. */
    private static final List<String> NAMES = List.of("name", "comment", "host");

    @Override
    public String name() {
        return "info";
    }

    @Override
    public String description() {
        return "Tells what an image file, a disk file of another format or an image of a repository holds.";
    }

    @Override
    public List<Option> options() {
        return Repositories.options(FROM, RESOLVE, NUMBER, JSON);
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
    public int run(Arguments given, Session session) throws IOException {
        String format = OpenDisk.format(given, FILE, FROM);
        Output output = session.output();
        if (format.equals(DiskFormats.PLATTER)) {
            try (OpenImages images = OpenImages.open(given, FILE, NUMBER, session)) {
                return describeImages(images, given.has(JSON), session);
            }
        }
        Repositories.refuseOptions(given, FILE);
        Path file = given.path(FILE);
        if (given.has(NUMBER)) {
            throw new UsageException("--image is for image files, and " + file + " is one of format " + format);
        }
        try (OpenDisk disk = OpenDisk.ofForeign(file, format, Optional.empty(), given.path(RESOLVE))) {
            Map<ExtentKind, Long> totals = Disks.totals(disk.disk());
            if (given.has(JSON)) {
                output.json(Json.of(describe(disk, totals)));
            } else {
                print(file, disk, totals, output);
            }
        }
        return Main.SUCCESS;
    }

    private static Map<String, Object> describe(OpenDisk disk, Map<ExtentKind, Long> totals) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("format", disk.format());
        all.put("diskSize", disk.disk().size());
        all.put("logicalSectorSize", disk.disk().logicalSectorSize());
        all.put("blockSize", disk.info().blockSize());
        all.put("dataBytes", totals.get(ExtentKind.DATA));
        all.put("zeroBytes", totals.get(ExtentKind.ZERO));
        all.put("unusedBytes", totals.get(ExtentKind.HOLE));
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

    private static void print(Path file, OpenDisk disk, Map<ExtentKind, Long> totals, Output output)
            throws OutputException {
        output.line(file + ": " + disk.format() + ", disk of "
                + Sizes.exact(disk.disk().size()) + ", sectors of "
                + disk.disk().logicalSectorSize());
        if (disk.info().blockSize() > 0) {
            output.line("  blocks of   " + Sizes.exact(disk.info().blockSize()));
        }
        output.line("  data        " + Sizes.exact(totals.getOrDefault(ExtentKind.DATA, 0L)));
        output.line("  zero        " + Sizes.exact(totals.getOrDefault(ExtentKind.ZERO, 0L)));
        output.line("  unused      " + Sizes.exact(totals.getOrDefault(ExtentKind.HOLE, 0L)));
        for (VirtualDiskInfo.Snapshot snapshot : disk.info().snapshots()) {
            output.line("  snapshot " + snapshot.id() + ": " + snapshot.name() + ", disk of "
                    + Sizes.exact(snapshot.diskSize()));
        }
    }

    /** Describes what can be read, and returns whether the file is sound at its end. */
    private static int describeImages(OpenImages opened, boolean json, Session session) throws IOException {
        Output output = session.output();
        ImageReader reader = opened.reader();
        List<ImageInfo> images = new ArrayList<>();
        boolean allAreThere = true;
        if (opened.which().isPresent()) {
            images.add(opened.image().info());
        } else {
            for (int each = 1; each <= reader.imageCount(); each++) {
                try {
                    images.add(reader.image(each).info());
                } catch (ImageFormatException e) {
                    session.notice("image " + each + ": " + e.getMessage());
                    allAreThere = false;
                }
            }
        }
        int exitCode = allAreThere && reader.end().state() != FileEnd.State.DAMAGED ? Main.SUCCESS : Main.BAD_IMAGE;
        Optional<Image> unfinished = reader.unfinishedImage();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("fileSize", opened.size());
            all.put("images", images.stream().map(Reports::describe).toList());
            if (unfinished.isPresent()) {
                all.put("unfinishedUpTo", unfinished.get().size());
            }
            Map<String, Object> end = new LinkedHashMap<>();
            end.put("state", reader.end().state().name().toLowerCase(Locale.ROOT));
            end.put("offset", reader.end().offset());
            end.put("bytes", reader.end().bytes());
            end.put("detail", reader.end().detail());
            all.put("end", end);
            output.json(Json.of(all));
            return exitCode;
        }
        int count = reader.imageCount();
        output.line(
                opened.name() + ": " + Sizes.exact(opened.size()) + ", " + count + (count == 1 ? " image" : " images"));
        if (images.size() == 1) {
            print(images.get(0), output);
        } else {
            printTable(images, output);
        }
        if (unfinished.isPresent()) {
            output.line("an unfinished image, captured up to disk offset "
                    + unfinished.get().size());
        }
        return exitCode;
    }

    private static void print(ImageInfo image, Output output) throws OutputException {
        output.line("image " + image.number() + ": disk of "
                + Sizes.exact(image.disk().size()) + ", sectors of "
                + image.disk().logicalSectorSize()
                + (image.contentSectorSize() == image.disk().logicalSectorSize()
                        ? ""
                        : ", its content counts in sectors of " + image.contentSectorSize()));
        output.line("  id          " + image.id());
        output.line("  content     " + image.rootHash());
        output.line("  data        " + Sizes.exact(image.statistics().dataBytes()));
        output.line("  new         " + Sizes.exact(image.statistics().newBytes()));
        output.line("  zero        " + Sizes.exact(image.statistics().zeroBytes()));
        output.line("  unused      " + Sizes.exact(image.statistics().unusedBytes()));
        output.line("  unreadable  " + Sizes.exact(image.statistics().unreadableBytes()));
        for (Map.Entry<String, String> property : image.properties().entrySet()) {
            output.line("  " + property.getKey() + " = " + property.getValue());
        }
        for (PartitionSummary partition : image.partitions()) {
            output.line("  partition " + partition.index() + ": " + Sizes.exact(partition.length()) + " at disk offset "
                    + partition.diskOffset() + " " + partition.attributes());
        }
    }

    /** One line for each image, which begins with the word that details begin with. */
    private static void printTable(List<ImageInfo> images, Output output) throws OutputException {
        if (images.isEmpty()) {
            return;
        }
        TextTable table = new TextTable("", "time", "disk", "data", "new", "id", "name, comment or host");
        for (ImageInfo image : images) {
            table.row(
                    "image " + image.number(),
                    image.properties().getOrDefault(TIME, "-"),
                    Sizes.human(image.disk().size()),
                    Sizes.human(image.statistics().dataBytes()),
                    Sizes.human(image.statistics().newBytes()),
                    image.id().toString().substring(0, ID_PREFIX),
                    name(image));
        }
        for (String line : table.lines()) {
            output.line(line);
        }
        output.line("info --image N tells all of one");
    }

    private static String name(ImageInfo image) {
        Map<String, String> properties = image.properties();
        for (String key : NAMES) {
            String name = properties.get(key);
            if (name != null) {
                return name;
            }
        }
        return "";
    }
}
