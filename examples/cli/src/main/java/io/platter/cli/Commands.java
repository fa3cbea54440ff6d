package io.platter.cli;

import java.util.List;

/** The commands by their names. */
final class Commands {
    /** In the order of the help. */
    static final List<String> NAMES = List.of(
            "capture",
            "restore",
            "verify",
            "convert",
            "info",
            "map",
            "read",
            "serve nbd",
            "repository init",
            "repository capture",
            "repository list",
            "repository restore",
            "repository export",
            "repository import",
            "repository copy",
            "repository forget",
            "repository collect",
            "repository check",
            "repository stats",
            "disks",
            "partitions",
            "partition-table repair",
            "partition-table write",
            "allocation",
            "completion");

    private Commands() {}

    /** Returns the command of a name, and loads no other. */
    static Command named(String name) {
        return switch (name) {
            case "capture" -> new CaptureCommand();
            case "restore" -> new RestoreCommand();
            case "verify" -> new VerifyCommand();
            case "convert" -> new ConvertCommand();
            case "info" -> new InfoCommand();
            case "map" -> new MapCommand();
            case "read" -> new ReadCommand();
            case "serve nbd" -> new ServeNbdCommand();
            case "repository init" -> new RepositoryCommands.Init();
            case "repository capture" -> new RepositoryCaptureCommand();
            case "repository list" -> new RepositoryCommands.ListImages();
            case "repository restore" -> new RepositoryRestoreCommand();
            case "repository export" -> new RepositoryCopyCommands.Export();
            case "repository import" -> new RepositoryCopyCommands.Import();
            case "repository copy" -> new RepositoryCopyCommands.Copy();
            case "repository forget" -> new RepositoryCommands.Forget();
            case "repository collect" -> new RepositoryCommands.Collect();
            case "repository check" -> new RepositoryCommands.Check();
            case "repository stats" -> new RepositoryCommands.Stats();
            case "disks" -> new DisksCommand();
            case "partitions" -> new PartitionsCommand();
            case "partition-table repair" -> new PartitionTableCommand.Repair();
            case "partition-table write" -> new PartitionTableCommand.Write();
            case "allocation" -> new AllocationCommand();
            case "completion" -> new CompletionCommand();
            default -> throw unknown(name);
        };
    }

    private static UsageException unknown(String name) {
        String suggestion = Suggestion.of(name, NAMES);
        return new UsageException(
                "no command " + name
                        + (suggestion.isEmpty() ? ", expected one of " + String.join(", ", NAMES) : suggestion),
                "platter help tells what there is");
    }
}
