package io.platter.cli;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The command-line program: {@code java -jar platter.jar COMMAND}. */
public final class Main {
    /** All went well. */
    static final int SUCCESS = 0;
    /** The image is damaged or not supported, or a disk differs. */
    static final int BAD_IMAGE = 1;
    /** The program was asked for something that makes no sense. */
    static final int WRONG_USAGE = 2;
    /** Something could not be read or written, or the program lacked memory or the like, or failed itself. */
    static final int IO_FAILURE = 3;

    private static final String JNA_PATH = "jna.platform.library.path";
    private static final String DEBUG = "PLATTER_DEBUG";

    private Main() {}

    /** Runs the program; its exit code is one of the constants above, or 130 when it was interrupted. */
    public static void main(String[] arguments) {
        if (System.getProperty(JNA_PATH) == null && File.separatorChar == '/') {
            // Else JNA starts a program to ask where libraries are, and it only looks for the system's own.
            System.setProperty(JNA_PATH, "/lib");
        }
        Session session = new Session(Output.standard(), Output.errors(), System.in, new Interruption(), false);
        System.exit(run(session, RawArguments.of(arguments)));
    }

    /** Runs a command, whatever comes of it, and returns its exit code. */
    static int run(Session session, String... words) {
        try {
            int exitCode = perform(session, words);
            session.output().flush();
            session.errors().flush();
            return exitCode;
        } catch (Throwable failure) { // Whatever it is: an exit code and a line that helps, not a stack trace.
            return report(session, failure, List.of(words));
        }
    }

    private static int perform(Session session, String... words) throws IOException {
        if (words.length == 0) {
            session.errors().lines(Help.ofProgram());
            return WRONG_USAGE;
        }
        switch (words[0]) {
            case "help", "--help", "-h" -> {
                session.output().lines(Help.answer(Arrays.asList(words).subList(1, words.length)));
                return SUCCESS;
            }
            case "version", "--version", "-V" -> {
                session.output().line(Version.text());
                return SUCCESS;
            }
            default -> {
                // A command.
            }
        }
        if (words.length == 2 && (words[1].equals("--help") || words[1].equals("-h"))) {
            session.output().lines(Help.of(words[0]));
            return SUCCESS;
        }
        boolean hasTwoWords = Commands.NAMES.stream().anyMatch(name -> name.startsWith(words[0] + " "));
        int length = hasTwoWords ? Math.min(2, words.length) : 1;
        Command command = Commands.named(String.join(" ", Arrays.copyOf(words, length)));
        Arguments given = Arguments.of(command, Arrays.copyOfRange(words, length, words.length));
        if (given.askForHelp()) {
            session.output().lines(Help.of(command.name()));
            return SUCCESS;
        }
        return command.run(given, session.quiet(given.has(Arguments.QUIET)));
    }

    private static int report(Session session, Throwable failure, List<String> words) {
        try {
            session.output().flush();
        } catch (IOException e) {
            if (!e.equals(failure)) {
                failure.addSuppressed(e);
            }
        }
        int exitCode = Failures.exitCode(failure, session.interruption());
        try {
            if (asksForJson(words)) {
                session.errors().json(Failures.json(failure, exitCode));
            } else {
                session.notice(Failures.message(failure));
                if (failure instanceof UsageException usage) {
                    for (String hint : usage.hints()) {
                        session.errors().line(hint);
                    }
                }
            }
            if (words.contains("--debug") || System.getenv(DEBUG) != null) {
                session.errors().lines(Failures.trace(failure));
            }
            session.errors().flush();
        } catch (OutputException e) {
            // Nobody hears it; the exit code still tells.
        }
        return exitCode;
    }

    /** Tells it of words that perhaps can't be read as options. */
    private static boolean asksForJson(List<String> words) {
        int end = words.contains("--") ? words.indexOf("--") : words.size();
        return words.subList(0, end).lastIndexOf("--json") > 0;
    }
}
