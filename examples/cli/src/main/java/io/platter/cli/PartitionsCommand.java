package io.platter.cli;

import io.platter.block.BlockDevice;
import io.platter.partition.Finding;
import io.platter.partition.Partition;
import io.platter.partition.PartitionFlag;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.Option;

/** Tells how a disk is divided. */
final class PartitionsCommand implements Command {
    private static final Option JSON = Command.flag("json", "as one JSON object");

    private static final Parameter DISK = Parameter.of("DISK", "a disk or a file");

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public String description() {
        return "Tells how a disk is divided, and what is wrong with its partition table.";
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
            PartitionTable table = PartitionTables.read(disk);
            if (given.has(JSON)) {
                session.output().json(Json.of(describe(table)));
            } else {
                print(table, session.output());
            }
            return Main.SUCCESS;
        }
    }

    private static void print(PartitionTable table, Output output) throws OutputException {
        output.line(table.scheme().code() + ", sectors of " + table.sectorSize() + " bytes " + table.id());
        for (Partition partition : table.partitions()) {
            output.line(partition.index() + ": " + Sizes.exact(partition.length()) + " at disk offset "
                    + partition.diskOffset() + ", type " + partition.type().code() + " " + partition.name());
        }
        for (Finding finding : table.findings()) {
            output.line(
                    finding.severity().code() + " at disk offset " + finding.diskOffset() + ": " + finding.message());
        }
    }

    private static Map<String, Object> describe(PartitionTable table) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("table", table.scheme().code());
        all.put("sectorSize", table.sectorSize());
        all.put("id", table.id());
        all.put(
                "partitions",
                table.partitions().stream().map(PartitionsCommand::describe).toList());
        all.put(
                "findings",
                table.findings().stream()
                        .map(finding -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("severity", finding.severity().code());
                            one.put("diskOffset", finding.diskOffset());
                            one.put("message", finding.message());
                            return one;
                        })
                        .toList());
        return all;
    }

    private static Map<String, Object> describe(Partition partition) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("index", partition.index());
        one.put("diskOffset", partition.diskOffset());
        one.put("length", partition.length());
        one.put("type", partition.type().code());
        one.put("name", partition.name());
        one.put("id", partition.id());
        one.put("extended", partition.is(PartitionFlag.EXTENDED));
        one.put(
                "flags",
                partition.flags().stream().map(PartitionFlag::code).sorted().toList());
        return one;
    }
}
