package io.platter.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a call of the program left. */
record ProgramResult(int exitCode, ByteArrayOutputStream written, String errors) {
    static ProgramResult of(Object... words) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        return of(output, output, new byte[0], words);
    }

    /** Calls the program with a standard input. */
    static ProgramResult withInput(byte[] input, Object... words) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        return of(output, output, input, words);
    }

    /** Calls the program with a standard output of its own, which nothing is known of afterwards. */
    static ProgramResult onto(OutputStream output, Object... words) {
        return of(new ByteArrayOutputStream(), output, new byte[0], words);
    }

    private static ProgramResult of(ByteArrayOutputStream written, OutputStream output, byte[] input, Object... words) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        Session session = new Session(
                new Output("standard output", output, StandardCharsets.UTF_8, false),
                new Output("standard error", errors, StandardCharsets.UTF_8, false),
                new ByteArrayInputStream(input),
                new Interruption(),
                false);
        int exitCode =
                Main.run(session, List.of(words).stream().map(Object::toString).toArray(String[]::new));
        return new ProgramResult(exitCode, written, errors.toString(StandardCharsets.UTF_8));
    }

    byte[] output() {
        return written.toByteArray();
    }

    String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
