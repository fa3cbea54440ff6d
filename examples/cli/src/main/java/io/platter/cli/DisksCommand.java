package io.platter.cli;

import io.platter.block.DiskUse;
import io.platter.device.DiskDescription;
import io.platter.device.RawDisks;
import io.platter.device.SystemPartition;
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
    public int run(Arguments given, Session session) throws IOException {
        for (DiskDescription disk : RawDisks.list()) {
            if (given.has(JSON)) {
                session.output().json(Json.of(describe(disk)));
            } else {
                print(disk, session.output());
            }
        }
        return Main.SUCCESS;
    }

    private static void print(DiskDescription disk, Output output) throws OutputException {
        output.line(disk.path() + ": " + Sizes.exact(disk.size()) + ", sectors of " + disk.logicalSectorSize() + "/"
                + disk.physicalSectorSize() + ", " + disk.bus()
                + (disk.model().isEmpty() ? "" : ", " + disk.model())
                + (disk.serial().isEmpty() ? "" : ", serial " + disk.serial())
                + (disk.removable() ? ", removable" : "")
                + (disk.rotational() ? ", rotational" : ""));
        for (SystemPartition partition : disk.partitions()) {
            output.line("  " + partition.path() + ": " + Sizes.exact(partition.size()) + " at disk offset "
                    + partition.diskOffset());
        }
        for (DiskUse use : disk.uses()) {
            output.line("  not to be written: " + use);
        }
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
