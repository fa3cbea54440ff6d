package io.platter.examples;

import io.platter.device.DiskDescription;
import io.platter.device.RawDisks;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.Option;

/** Lists the disks of the machine. */
final class DisksCommand implements Command {
    private static final Option JSON = Command.flag("json", "as one JSON object a line");

    @Override
    public String name() {
        return "disks";
    }

    @Override
    public String description() {
        return "Lists the disks of the machine.";
    }

    @Override
    public List<Option> options() {
        return List.of(JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public int run(Arguments given) throws IOException {
        for (DiskDescription disk : RawDisks.list()) {
            if (given.has(JSON)) {
                System.out.println(Json.of(describe(disk)));
            } else {
                print(disk);
            }
        }
        return Main.SUCCESS;
    }

    private static void print(DiskDescription disk) {
        System.out.printf(
                "%s: %d bytes, sectors of %d/%d, %s%s%s%s%s%n",
                disk.path(),
                disk.size(),
                disk.logicalSectorSize(),
                disk.physicalSectorSize(),
                disk.bus(),
                disk.model().isEmpty() ? "" : ", " + disk.model(),
                disk.serial().isEmpty() ? "" : ", serial " + disk.serial(),
                disk.removable() ? ", removable" : "",
                disk.rotational() ? ", rotational" : "");
        disk.partitions()
                .forEach(partition -> System.out.printf(
                        "  %s: %d bytes at disk offset %d%n",
                        partition.path(), partition.size(), partition.diskOffset()));
        disk.uses().forEach(use -> System.out.printf("  not to be written: %s%n", use));
    }

    private static Map<String, Object> describe(DiskDescription disk) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("path", disk.path());
        line.put("model", disk.model());
        line.put("serial", disk.serial());
        line.put("wwn", disk.wwn());
        line.put("bus", disk.bus());
        line.put("size", disk.size());
        line.put("logicalSectorSize", disk.logicalSectorSize());
        line.put("physicalSectorSize", disk.physicalSectorSize());
        line.put("removable", disk.removable());
        line.put("readOnly", disk.readOnly());
        line.put("rotational", disk.rotational());
        line.put(
                "partitions",
                disk.partitions().stream()
                        .map(partition -> {
                            Map<String, Object> part = new LinkedHashMap<>();
                            part.put("number", partition.number());
                            part.put("path", partition.path());
                            part.put("diskOffset", partition.diskOffset());
                            part.put("length", partition.size());
                            return part;
                        })
                        .toList());
        line.put(
                "uses",
                disk.uses().stream()
                        .map(use -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put(
                                    "kind",
                                    use.kind()
                                            .name()
                                            .toLowerCase(java.util.Locale.ROOT)
                                            .replace('_', '-'));
                            one.put("detail", use.detail());
                            return one;
                        })
                        .toList());
        return line;
    }
}
