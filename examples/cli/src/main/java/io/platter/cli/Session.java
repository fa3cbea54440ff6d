package io.platter.cli;

import io.platter.block.BlockDevices;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;

/**
 * What a command works with besides its arguments.
 *
 * @param output standard output
 * @param errors standard error
 * @param input standard input
 * @param interruption what an interrupt from the keyboard does
 * @param quiet whether progress and reports for people are left out
 */
record Session(Output output, Output errors, InputStream input, Interruption interruption, boolean quiet) {
    /** Returns the input as a channel; the program's own knows from which file it comes. */
    @SuppressWarnings("ReferenceEquality") // It is the very stream that matters.
    ReadableByteChannel inputChannel() {
        return input == System.in ? BlockDevices.standardInput() : Channels.newChannel(input);
    }

    Session quiet(boolean isQuiet) {
        return new Session(output, errors, input, interruption, isQuiet);
    }

    /** Writes what was done, unless the program is to be quiet. */
    void report(String text) throws OutputException {
        if (!quiet) {
            output.line(text);
        }
    }

    /** Says something that a user has to know, quiet or not. */
    void notice(String text) {
        try {
            errors.line("platter: " + text);
            errors.flush();
        } catch (OutputException e) {
            // Where nobody hears it, nothing can be said.
        }
    }
}
