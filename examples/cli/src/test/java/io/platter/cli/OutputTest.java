package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What reaches a terminal or a file, and what is said when it does not. */
class OutputTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private Output output(Charset charset) {
        return new Output("standard output", written, charset, true);
    }

    private String line(Charset charset, String text) throws IOException {
        written.reset();
        Output output = output(charset);
        output.line(text);
        output.flush();
        return written.toString(charset);
    }

    @Test
    void textCanNeitherMoveTheCursorNorForgeALine() throws IOException {
        assertThat(line(StandardCharsets.UTF_8, "a\u001b]0;title\u0007b\nimage 9\rc\td\u007f\u009b"))
                .isEqualTo("a\\x1b]0;title\\x07b\\nimage 9\\x0dc\\td\\x7f\\x9b\n");
        assertThat(line(StandardCharsets.UTF_8, "abc\u202edcba\u2028x\ufeff"))
                .isEqualTo("abc\\u{202e}dcba\\u{2028}x\\u{feff}\n");
    }

    @Test
    void textIsInTheTerminalsCharacterSet() throws IOException {
        String text = "Zürich \u20ac \ud83d\udcbe";
        assertThat(line(StandardCharsets.UTF_8, text)).isEqualTo(text + "\n");
        assertThat(line(StandardCharsets.ISO_8859_1, text)).isEqualTo("Zürich \\u{20ac} \\u{1f4be}\n");
        assertThat(line(StandardCharsets.US_ASCII, text)).isEqualTo("Z\\u{00fc}rich \\u{20ac} \\u{1f4be}\n");
        assertThat(line(StandardCharsets.UTF_8, "half \ud83d \udcff")).isEqualTo("half \\u{d83d} \\xff\n");
    }

    @Test
    void jsonIsInUtf8WhateverTheTerminal() throws IOException {
        Output output = output(StandardCharsets.US_ASCII);
        output.json(Json.of(Map.of("name", "Zürich €\n\u001b\ud83d")));
        output.flush();
        assertThat(written.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"name\":\"Zürich €\\u000a\\u001b\\ud83d\"}\n");
    }

    @Test
    void aStatusIsDrawnOverAndErasedBeforeALine() throws IOException {
        Output output = output(StandardCharsets.UTF_8);
        output.status("half of it done");
        output.status("all done");
        output.line("done");
        output.eraseStatus();
        output.flush();
        assertThat(written.toString(StandardCharsets.UTF_8))
                .isEqualTo("\rhalf of it done\rall done" + " ".repeat(7) + "\r" + " ".repeat(8) + "\rdone\n");
    }

    @Test
    void aStatusStaysOnItsLine() throws IOException {
        Output output = output(StandardCharsets.UTF_8);
        output.status("x".repeat(200));
        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("\r" + "x".repeat(79));
    }

    @Test
    void whereThereIsNoTerminalNoStatusIsDrawn() throws IOException {
        Output output = new Output("standard error", written, StandardCharsets.UTF_8, false);
        output.status("half");
        output.eraseStatus();
        output.flush();
        assertThat(written.size()).isZero();
    }

    @Test
    void whatCannotBeWrittenIsSaidOnce() throws IOException {
        Output output = new Output("standard output", new FullDevice(), StandardCharsets.UTF_8, false);
        output.line("text");
        assertThatThrownBy(output::flush)
                .isInstanceOf(OutputException.class)
                .hasMessage("standard output can't be written: No space left on device");
        output.flush();
        Output other = new Output("standard output", new FullDevice(), StandardCharsets.UTF_8, false);
        assertThatThrownBy(() -> other.channel().write(ByteBuffer.allocate(10))).isInstanceOf(OutputException.class);
    }

    /** As {@code /dev/full}. */
    static final class FullDevice extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("No space left on device");
        }
    }
}
