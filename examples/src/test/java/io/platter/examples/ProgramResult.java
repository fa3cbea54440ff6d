package io.platter.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a call of the program left. */
record ProgramResult(int exitCode, ByteArrayOutputStream written, String errors) {
    static ProgramResult of(Object... words) {
        PrintStream standardOutput = System.out;
        PrintStream standardError = System.err;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            int exitCode =
                    Main.run(List.of(words).stream().map(Object::toString).toArray(String[]::new));
            return new ProgramResult(exitCode, output, errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(standardOutput);
            System.setErr(standardError);
        }
    }

    byte[] output() {
        return written.toByteArray();
    }

    String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
