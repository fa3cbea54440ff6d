package io.platter.examples;

import io.platter.block.BlockDevice;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Repairs or writes a partition table. */
@Command(
        name = "partition-table",
        description = "Repairs or writes a partition table.",
        subcommands = {PartitionTableCommand.Repair.class, PartitionTableCommand.Write.class})
final class PartitionTableCommand {
    private static final SecureRandom RANDOM = new SecureRandom();

    private PartitionTableCommand() {}

    /** Writes both copies of a GPT from the good one, with the backup at the disk's end. */
    @Command(
            name = "repair",
            description = "Writes both copies of a GPT from the good one, the backup at the disk's end.")
    static final class Repair implements Callable<Integer> {
        @Option(names = "--new-ids", description = "give the disk and its partitions new identities")
        private boolean newIds;

        @Parameters(paramLabel = "DISK", description = "a disk or a file")
        private Path path = Path.of("");

        @Override
        public Integer call() throws IOException {
            try (BlockDevice disk = Disks.openForWriting(path, path)) {
                Gpt gpt = PartitionTables.readGpt(disk, disk.logicalSectorSize());
                gpt = gpt.fittedTo(disk.size());
                PartitionTables.write(newIds ? gpt.withNewIds(RANDOM) : gpt, disk);
                Disks.announce(disk);
            }
            System.out.println("repaired the partition table of " + path);
            return Main.SUCCESS;
        }
    }

    /** Writes a new table. */
    @Command(
            name = "write",
            description = "Writes a new partition table.",
            footer = "Example: partition-table write --force disk.img efi,67108864,EFI linux,rest,root")
    static final class Write implements Callable<Integer> {
        @Option(names = "--table", paramLabel = "gpt|mbr", defaultValue = "gpt", description = "default gpt")
        private String table = "gpt";

        @Option(names = "--force", description = "needed: what the disk holds can't be found any more")
        private boolean force;

        @Parameters(index = "0", paramLabel = "DISK", description = "a disk or a file")
        private Path path = Path.of("");

        @Parameters(
                index = "1..*",
                paramLabel = "TYPE,BYTES[,NAME]",
                description = "a partition; BYTES may be the word rest")
        private List<String> partitions = List.of();

        @Override
        public Integer call() throws IOException {
            if (!force) {
                throw new IllegalArgumentException(
                        "what " + path + " holds can't be found any more; --force allows it");
            }
            PartitionLayout.Builder layout =
                    switch (table) {
                        case "gpt" -> PartitionLayout.gpt();
                        case "mbr" -> PartitionLayout.mbr();
                        default -> throw new IllegalArgumentException("table " + table + ", expected gpt or mbr");
                    };
            partitions.forEach(text -> layout.add(parse(text)));
            try (BlockDevice disk = Disks.openForWriting(path, path)) {
                layout.build().write(disk, RANDOM);
                Disks.announce(disk);
            }
            System.out.println("wrote a partition table of " + partitions.size() + " partitions to " + path);
            return Main.SUCCESS;
        }

        private static PartitionSpec parse(String text) {
            String[] parts = text.split(",", 3);
            if (parts.length < 2) {
                throw new IllegalArgumentException("partition " + text + ", expected TYPE,BYTES[,NAME]");
            }
            PartitionSpec spec = parts[1].equals("rest")
                    ? PartitionSpec.rest(parts[0])
                    : PartitionSpec.ofSize(parts[0], Long.parseLong(parts[1]));
            return parts.length == 3 ? spec.named(parts[2]) : spec;
        }
    }
}
