package io.platter.examples;

import io.platter.DiskAllocation;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.filesystem.AllocationMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells which bytes of a disk its filesystems use. */
@Command(name = "allocation", description = "Tells which bytes of a disk or partition its filesystems use.")
final class AllocationCommand implements Callable<Integer> {
    @Option(names = "--json", description = "as one JSON object, with all ranges")
    private boolean json;

    @Parameters(paramLabel = "DISK-OR-PARTITION", description = "a disk, a partition or a file")
    private Path path = Path.of("");

    @Override
    public Integer call() throws IOException {
        try (BlockDevice disk = Disks.openForReading(path)) {
            DiskAllocation allocation = DiskAllocation.of(disk);
            if (json) {
                System.out.println(Json.of(Map.of(
                        "volumes",
                        allocation.volumes().stream()
                                .map(AllocationCommand::describe)
                                .toList())));
                return Main.SUCCESS;
            }
            for (DiskAllocation.Volume volume : allocation.volumes()) {
                AllocationMap map = volume.map();
                System.out.printf(
                        "%d bytes at disk offset %d: %s \"%s\" %s, %s, %d bytes used in %d runs%s%n",
                        volume.length(),
                        volume.diskOffset(),
                        map.filesystem(),
                        map.label(),
                        map.uuid(),
                        map.state().code(),
                        map.used().bytes(),
                        map.used().count(),
                        map.detail().isEmpty() ? "" : " (" + map.reason().code() + ": " + map.detail() + ")");
            }
            return Main.SUCCESS;
        }
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
