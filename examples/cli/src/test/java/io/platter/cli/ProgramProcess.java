package io.platter.cli;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, as a shell starts it. */
record ProgramProcess(int exitCode, ByteArrayOutputStream written, String errors) {
    /** As the manifest of the packaged program has it. */
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    private static final String HEAP = "-Xmx256m";

    /** Returns the words that start the program. */
    static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                NATIVE_ACCESS,
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(Arrays.asList(words));
        return command;
    }

    /**
     * Runs a shell's script in which {@code platter} is the program, and {@code platter_with} that with an option of Java.
     *
     * @param locale what {@code LC_ALL} is
     */
    static ProgramProcess ofScript(Path directory, String locale, String script) throws IOException {
        String functions = "platter_with() { local option=$1; shift; \"$JAVA\" " + NATIVE_ACCESS
                + " \"$option\" -cp \"$CLASSES\" " + Main.class.getName() + " \"$@\"; }\n"
                + "platter() { platter_with " + HEAP + " \"$@\"; }\n";
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", functions + script)
                .directory(directory.toFile())
                .redirectOutput(File.createTempFile("output", "", directory.toFile()))
                .redirectError(File.createTempFile("errors", "", directory.toFile()));
        builder.environment().put("LC_ALL", locale);
        builder.environment().put("JAVA", command().get(0));
        builder.environment().put("CLASSES", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("still running after a minute: " + script);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        written.writeBytes(Files.readAllBytes(builder.redirectOutput().file().toPath()));
        return new ProgramProcess(
                process.exitValue(),
                written,
                Files.readString(builder.redirectError().file().toPath(), StandardCharsets.ISO_8859_1));
    }

    byte[] output() {
        return written.toByteArray();
    }

    String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
