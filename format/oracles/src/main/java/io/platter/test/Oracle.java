package io.platter.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program of somebody else that tells us whether we are right, such as {@code sfdisk}.
 *
 * <p>Where it is missing the test is skipped, unless {@code -Doracles=required} says that it must be there.
 */
public final class Oracle {
    private final String program;

    private Oracle(String program) {
        this.program = program;
    }

    /** Returns the program of this name, from the path or the directories for administrators. */
    public static Oracle of(String program) {
        boolean present = Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin", "/usr/local/sbin"))
                .map(directory -> Path.of(directory, program))
                .anyMatch(Files::isExecutable);
        require(present, "the program " + program + " is not installed");
        return new Oracle(program);
    }

    /** Skips the test unless it runs as root on Linux, where loop devices and mounts work. */
    public static void requireRoot() {
        require(
                "root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/dev/loop-control")),
                "this test needs root and loop devices");
    }

    private static void require(boolean present, String message) {
        if (!present && "required".equals(System.getProperty("oracles"))) {
            throw new AssertionError(message + ", and oracles are required");
        }
        assumeTrue(present, message);
    }

    /** Runs the program and returns what it printed on standard output; an exit code other than 0 fails the test. */
    public String run(Object... arguments) {
        Result result = tryRun(arguments);
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    program + " " + List.of(arguments) + " ended with " + result.exitCode() + ":\n" + result.output());
        }
        return result.output();
    }

    /** Runs the program and returns its exit code, with what it printed on standard output and error. */
    public Result tryRun(Object... arguments) {
        return feed(null, arguments);
    }

    /** Runs the program with a text on its standard input; an exit code other than 0 fails the test. */
    public String runWithInput(String input, Object... arguments) {
        Result result = feed(input, arguments);
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    program + " " + List.of(arguments) + " ended with " + result.exitCode() + ":\n" + result.output());
        }
        return result.output();
    }

    private Result feed(@org.jspecify.annotations.Nullable String input, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            Path output = Files.createTempFile("oracle", ".out");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
                builder.redirectOutput(output.toFile());
                builder.environment().merge("PATH", "/usr/sbin:/sbin", (a, b) -> a + ":" + b);
                builder.environment().put("LC_ALL", "C");
                Process process = builder.start();
                try (var stdin = process.getOutputStream()) {
                    if (input != null) {
                        stdin.write(input.getBytes(StandardCharsets.UTF_8));
                    }
                }
                int exitCode = process.waitFor();
                return new Result(exitCode, Files.readString(output, StandardCharsets.ISO_8859_1));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /**
     * What a program left.
     *
     * @param exitCode 0 for success, by custom
     * @param output standard output and error together
     */
    public record Result(int exitCode, String output) {}
}
