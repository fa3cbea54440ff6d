package io.platter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the tests that runs in a JVM of its own. */
final class ChildProgram implements AutoCloseable {
    private static final int SECONDS = 60;

    private final Process process;
    private final Path output;

    private ChildProgram(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a class's main method.
     *
     * @param options the JVM's
     */
    static ChildProgram start(Class<?> program, List<String> options, Object... arguments) throws IOException {
        return start(List.of(), program, options, arguments);
    }

    /**
     * Starts a class's main method.
     *
     * @param before what stands before the JVM's name, such as a shell that sets limits
     * @param options the JVM's
     */
    static ChildProgram start(List<String> before, Class<?> program, List<String> options, Object... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path output = Files.createTempFile("platter-child", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new ChildProgram(process, output);
    }

    /** Runs a class's main method to its end, and returns what it wrote. */
    static String run(Class<?> program, Object... arguments) throws IOException, InterruptedException {
        try (ChildProgram child = start(program, List.of(), arguments)) {
            child.await();
            return child.output();
        }
    }

    /** Waits for its end, and returns its exit code; one that hangs is told from one that failed. */
    int await() throws IOException, InterruptedException {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + SECONDS + " s; output:\n" + output());
        }
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Kills it, and returns when it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Returns what it has written so far, to both of its outputs. */
    String output() throws IOException {
        return Files.readString(output);
    }

    @Override
    public void close() throws IOException {
        kill();
        Files.delete(output);
    }
}
