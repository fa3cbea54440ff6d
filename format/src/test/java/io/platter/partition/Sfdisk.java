package io.platter.partition;

import io.platter.test.Oracle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code sfdisk} says about a disk, and about what we say. */
final class Sfdisk {
    private static final Pattern OBJECT = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": *(?:\"([^\"]*)\"|(\\w+))");

    private Sfdisk() {}

    /**
     * One partition in numbers of sectors.
     *
     * @param index its number in the name of its device node
     */
    record Row(
            int index, long start, long size, String type, String id, String name, String attributes, boolean active) {}

    /** Runs a script over a disk that may hold anything. */
    static void write(Path disk, String script) {
        Oracle.of("sfdisk").runWithInput(script, "--quiet", "--no-reread", "--no-tell-kernel", "--wipe=never", disk);
    }

    static String json(Path disk) {
        return Oracle.of("sfdisk").run("--json", disk);
    }

    /** Returns the label's own fields, such as {@code id}. */
    static Map<String, String> label(Path disk) {
        String json = json(disk);
        int partitions = json.indexOf("\"partitions\"");
        return fields(partitions < 0 ? json : json.substring(0, partitions));
    }

    static List<Row> partitions(Path disk) {
        String json = json(disk);
        List<Row> rows = new ArrayList<>();
        int partitions = json.indexOf("\"partitions\"");
        Matcher object = OBJECT.matcher(partitions < 0 ? "" : json.substring(partitions));
        while (object.find()) {
            Map<String, String> fields = fields(object.group(1));
            String node = fields.getOrDefault("node", "");
            String prefix = disk
                    + (Character.isDigit(disk.toString().charAt(disk.toString().length() - 1)) ? "p" : "");
            rows.add(new Row(
                    Integer.parseInt(node.substring(prefix.length())),
                    Long.parseLong(fields.getOrDefault("start", "")),
                    Long.parseLong(fields.getOrDefault("size", "")),
                    fields.getOrDefault("type", ""),
                    fields.getOrDefault("uuid", ""),
                    fields.getOrDefault("name", ""),
                    fields.getOrDefault("attrs", ""),
                    fields.containsKey("bootable")));
        }
        return rows;
    }

    private static Map<String, String> fields(String json) {
        Map<String, String> fields = new HashMap<>();
        Matcher field = FIELD.matcher(json);
        while (field.find()) {
            fields.put(field.group(1), field.group(2) == null ? field.group(3) : field.group(2));
        }
        return fields;
    }

    /** Returns our partitions as {@code sfdisk} would list them. */
    static List<Row> rows(PartitionTable table) {
        return table.partitions().stream()
                .map(partition -> new Row(
                        partition.index(),
                        partition.diskOffset() / table.sectorSize(),
                        partition.length() / table.sectorSize(),
                        partition.type().code(),
                        table.scheme() == PartitionScheme.GPT ? partition.id() : "",
                        partition.name(),
                        attributes(partition.attributes()),
                        table.scheme() == PartitionScheme.MBR && partition.is(PartitionFlag.BOOTABLE)))
                .toList();
    }

    private static String attributes(long bits) {
        List<String> words = new ArrayList<>();
        String[] names = {"RequiredPartition", "NoBlockIOProtocol", "LegacyBIOSBootable"};
        for (int bit = 0; bit < names.length; bit++) {
            if ((bits >> bit & 1) != 0) {
                words.add(names[bit]);
            }
        }
        List<String> own = new ArrayList<>();
        for (int bit = 48; bit < 64; bit++) {
            if ((bits >> bit & 1) != 0) {
                own.add(Integer.toString(bit));
            }
        }
        if (!own.isEmpty()) {
            words.add("GUID:" + String.join(",", own));
        }
        return String.join(" ", words);
    }
}
