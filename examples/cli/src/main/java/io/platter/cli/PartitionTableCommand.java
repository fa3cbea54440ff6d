package io.platter.cli;

import io.platter.block.ExtentSet;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.apache.commons.cli.Option;

/** The commands that repair or write a partition table. */
final class PartitionTableCommand {
    private PartitionTableCommand() {}

    /** Writes both copies of a GPT from the good one, with the backup at the disk's end. */
    static final class Repair implements Command {
        private static final Option NEW_IDS =
                Command.flag("new-ids", "give the disk and its partitions new identities");

        private static final Parameter DISK = Parameter.of("DISK", "a disk or a file");

        @Override
        public String name() {
            return "partition-table repair";
        }

        @Override
        public String description() {
            return "Writes both copies of a GPT from the good one, the backup at the disk's end.";
        }

        @Override
        public List<Option> options() {
            return List.of(NEW_IDS);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(DISK);
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            Path path = given.path(DISK);
            Disks.write(path, disk -> {
                Gpt gpt = PartitionTables.repaired(disk, disk.logicalSectorSize());
                Gpt wanted = given.has(NEW_IDS) ? gpt.withNewIds(new SecureRandom()) : gpt;
                PartitionTables.write(wanted, disk);
                Disks.announce(disk, session);
                return wanted;
            });
            session.report("repaired the partition table of " + path);
            return Main.SUCCESS;
        }
    }

    /** Writes a new table. */
    static final class Write implements Command {
        private static final Option TABLE = Command.value("table", "gpt|mbr", "default gpt");
        private static final Option FORCE =
                Command.flag("force", "needed: what the disk holds can't be found any more");

        private static final Parameter DISK = Parameter.of("DISK", "a disk or a file");
        private static final Parameter PARTITIONS =
                Parameter.repeated("TYPE,SIZE[,NAME]", "a partition; SIZE may be the word rest");

        @Override
        public String name() {
            return "partition-table write";
        }

        @Override
        public String description() {
            return "Writes a new partition table.";
        }

        @Override
        public List<Option> options() {
            return List.of(TABLE, FORCE);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(DISK, PARTITIONS);
        }

        @Override
        public String footer() {
            return "Example: platter partition-table write --force disk.img efi,64M,EFI linux,rest,root";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            Path path = given.path(DISK);
            if (!given.has(FORCE)) {
                throw new UsageException("what " + path + " holds can't be found any more; --force allows it");
            }
            String table = given.text(TABLE).orElse("gpt");
            PartitionLayout.Builder layout =
                    switch (table) {
                        case "gpt" -> PartitionLayout.gpt();
                        case "mbr" -> PartitionLayout.mbr();
                        default -> throw new UsageException("table " + table + ", expected gpt or mbr");
                    };
            List<String> partitions = given.all(PARTITIONS);
            partitions.forEach(text -> layout.add(parse(given, text)));
            Disks.write(path, disk -> {
                ExtentSet written = layout.build().write(disk, new SecureRandom());
                Disks.announce(disk, session);
                return written;
            });
            session.report("wrote a partition table of " + partitions.size()
                    + (partitions.size() == 1 ? " partition to " : " partitions to ") + path);
            return Main.SUCCESS;
        }

        private static PartitionSpec parse(Arguments given, String text) {
            String[] parts = text.split(",", 3);
            if (parts.length < 2) {
                throw new UsageException("partition " + text + ", expected TYPE,SIZE[,NAME]");
            }
            PartitionSpec spec = parts[1].equals("rest")
                    ? PartitionSpec.rest(parts[0])
                    : PartitionSpec.ofSize(parts[0], given.size("SIZE of a partition", parts[1]));
            return parts.length == 3 ? spec.named(parts[2]) : spec;
        }
    }
}
