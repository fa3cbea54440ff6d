package io.platter.examples;

import io.platter.SourceChangedException;
import io.platter.block.ImageFormatException;
import io.platter.device.DiskInUseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The command-line program: {@code java -jar platter.jar COMMAND}. */
@Command(
        name = "platter",
        description = "Captures disks into images, and puts images back on disks.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CaptureCommand.class,
            RestoreCommand.class,
            VerifyCommand.class,
            ConvertCommand.class,
            InfoCommand.class,
            MapCommand.class,
            ReadCommand.class,
            DisksCommand.class,
            PartitionsCommand.class,
            PartitionTableCommand.class,
            AllocationCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main {
    /** All went well. */
    static final int SUCCESS = 0;
    /** The image is damaged or not supported, or a disk differs. */
    static final int BAD_IMAGE = 1;
    /** The program was asked for something that makes no sense. */
    static final int WRONG_USAGE = 2;
    /** Something could not be read or written. */
    static final int IO_FAILURE = 3;
    /** Stopped by an interrupt, by custom 128 + SIGINT. */
    static final int INTERRUPTED = 130;

    private Main() {}

    /** Runs the program; its exit code is one of the constants above. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(Main::report);
        if (arguments.length == 0) {
            line.usage(System.err);
            return WRONG_USAGE;
        }
        return line.execute(arguments);
    }

    private static int report(Exception failure, CommandLine line, ParseResult parsed) {
        String message = failure instanceof NoSuchFileException missing && missing.getReason() == null
                ? missing.getFile() + " does not exist"
                : failure instanceof FileAlreadyExistsException existing
                        ? existing.getFile() + " exists"
                        : String.valueOf(failure.getMessage());
        line.getErr().println("platter: " + message);
        return exitCode(failure);
    }

    private static int exitCode(Exception failure) {
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return exitCode(unchecked.getCause());
        }
        if (failure instanceof DiskInUseException) {
            return WRONG_USAGE;
        }
        if (failure instanceof ImageFormatException || failure instanceof SourceChangedException) {
            return BAD_IMAGE;
        }
        if (failure instanceof CancellationException) {
            return INTERRUPTED;
        }
        if (failure instanceof IllegalArgumentException
                || failure instanceof IllegalStateException
                || failure instanceof FileAlreadyExistsException) {
            return WRONG_USAGE;
        }
        return failure instanceof IOException ? IO_FAILURE : CommandLine.ExitCode.SOFTWARE;
    }
}
