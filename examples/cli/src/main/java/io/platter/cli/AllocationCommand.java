package io.platter.cli;

import io.platter.allocation.AllocationMap;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.filesystem.DiskAllocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.Option;

/** Tells which bytes of a disk its filesystems use. */
final class AllocationCommand implements Command {
    private static final Option JSON = Command.flag("json", "as one JSON object, with all ranges");

    private static final Parameter DISK = Parameter.of("DISK-OR-PARTITION", "a disk, a partition or a file");

    @Override
    public String name() {
        return "allocation";
    }

    @Override
    public String description() {
        return "Tells which bytes of a disk or partition its filesystems use.";
    }

    @Override
    public List<Option> options() {
        return List.of(JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(DISK);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        try (BlockDevice disk = Disks.openForReading(given.path(DISK))) {
            DiskAllocation allocation = DiskAllocation.of(disk);
            if (given.has(JSON)) {
                session.output()
                        .json(Json.of(Map.of(
                                "volumes",
                                allocation.volumes().stream()
                                        .map(AllocationCommand::describe)
                                        .toList())));
                return Main.SUCCESS;
            }
            for (DiskAllocation.Volume volume : allocation.volumes()) {
                session.output().line(line(volume));
            }
            return Main.SUCCESS;
        }
    }

    /** Returns what is to be known of a volume in a line. */
    static String line(DiskAllocation.Volume volume) {
        AllocationMap map = volume.map();
        return Sizes.exact(volume.length()) + " at disk offset " + volume.diskOffset() + ": " + map.filesystem() + " \""
                + map.label() + "\" " + map.uuid() + ", " + map.state().code() + ", "
                + Sizes.exact(map.used().bytes())
                + " used in " + map.used().count() + (map.used().count() == 1 ? " run" : " runs")
                + (map.detail().isEmpty() ? "" : " (" + map.reason().code() + ": " + map.detail() + ")");
    }

    private static Map<String, Object> describe(DiskAllocation.Volume volume) {
        AllocationMap map = volume.map();
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("diskOffset", volume.diskOffset());
        one.put("length", volume.length());
        one.put("filesystem", map.filesystem());
        one.put("label", map.label());
        one.put("uuid", map.uuid());
        one.put("allocationUnit", map.allocationUnit());
        one.put("state", map.state().code());
        one.put("reason", map.reason().code());
        one.put("detail", map.detail());
        List<List<Long>> used = new ArrayList<>();
        ExtentSet runs = map.used();
        for (int run = 0; run < runs.count(); run++) {
            used.add(List.of(volume.diskOffset() + runs.offset(run), runs.end(run) - runs.offset(run)));
        }
        one.put("used", used);
        return one;
    }
}
