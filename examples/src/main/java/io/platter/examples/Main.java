package io.platter.examples;

import io.platter.SourceChangedException;
import io.platter.block.DiskInUseException;
import io.platter.block.ImageFormatException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/** The command-line program: {@code java -jar platter.jar COMMAND}. */
public final class Main {
    /** All went well. */
    static final int SUCCESS = 0;
    /** The image is damaged or not supported, or a disk differs. */
    static final int BAD_IMAGE = 1;
    /** The program failed in a way that it does not know. */
    private static final int FAULT = 1;
    /** The program was asked for something that makes no sense. */
    static final int WRONG_USAGE = 2;
    /** Something could not be read or written. */
    static final int IO_FAILURE = 3;
    /** Stopped by an interrupt, by custom 128 + SIGINT. */
    static final int INTERRUPTED = 130;

    private static final String JNA_PATH = "jna.platform.library.path";

    private Main() {}

    /** Runs the program; its exit code is one of the constants above. */
    public static void main(String[] arguments) {
        if (System.getProperty(JNA_PATH) == null && File.separatorChar == '/') {
            // Else JNA starts a program to ask where libraries are, and it only looks for the system's own.
            System.setProperty(JNA_PATH, "/lib");
        }
        System.exit(run(arguments));
    }

    static int run(String... words) {
        if (words.length == 0) {
            System.err.println(Help.ofProgram());
            return WRONG_USAGE;
        }
        try {
            return perform(words);
        } catch (IOException | RuntimeException failure) {
            return report(failure);
        }
    }

    private static int perform(String... words) throws IOException {
        if (words[0].equals("help") || isHelpOption(words[0])) {
            System.out.println(words.length == 1 ? Help.ofProgram() : Help.of(joined(words, 1, words.length)));
            return SUCCESS;
        }
        if (words.length == 2 && isHelpOption(words[1])) {
            System.out.println(Help.of(words[0]));
            return SUCCESS;
        }
        int length = words[0].equals("partition-table") ? Math.min(2, words.length) : 1;
        Command command = Commands.named(joined(words, 0, length));
        Arguments given = Arguments.of(command, Arrays.copyOfRange(words, length, words.length));
        if (given.askForHelp()) {
            System.out.println(Help.of(command.name()));
            return SUCCESS;
        }
        return command.run(given);
    }

    private static boolean isHelpOption(String word) {
        return word.equals("--help") || word.equals("-h");
    }

    private static String joined(String[] words, int from, int to) {
        return String.join(" ", Arrays.asList(words).subList(from, to));
    }

    private static int report(Exception failure) {
        String message = failure instanceof NoSuchFileException missing && missing.getReason() == null
                ? missing.getFile() + " does not exist"
                : failure instanceof FileAlreadyExistsException existing
                        ? existing.getFile() + " exists"
                        : String.valueOf(failure.getMessage());
        System.err.println("platter: " + message);
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
        return failure instanceof IOException ? IO_FAILURE : FAULT;
    }
}
