package io.platter.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Standard output or standard error. Text goes out in the terminal's character set, one line a call, with everything in
 * it that could move the cursor or forge a line made visible; JSON is UTF-8 always. What can't be written is an
 * {@link OutputException}, unlike with a {@link java.io.PrintStream}, which keeps that to itself.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Output {
    private static final byte[] RETURN = {'\r'};
    /** A line that reaches a terminal's last column could not be drawn over. */
    private static final int STATUS_COLUMNS = 79;

    private static final String TERMINALS = "/dev/(pts/.*|tty.*|console)";

    private final String name;
    private final BufferedOutputStream buffer;
    private final WritableByteChannel direct;
    private final PrintableText printable;
    private final boolean isTerminal;
    private int statusLength;
    private boolean broken;

    /**
     * Writes to a stream.
     *
     * @param name what messages call it
     * @param charset of text
     * @param isTerminal whether a line that is drawn again and again makes sense there
     */
    Output(String name, OutputStream stream, Charset charset, boolean isTerminal) {
        this.name = name;
        this.buffer = new BufferedOutputStream(stream);
        this.direct = Channels.newChannel(stream);
        this.printable = new PrintableText(charset);
        this.isTerminal = isTerminal;
    }

    /** Returns the standard output of this process. */
    static Output standard() {
        return new Output("standard output", new FileOutputStream(FileDescriptor.out), charset("stdout"), false);
    }

    /** Returns the standard error of this process. */
    static Output errors() {
        return new Output(
                "standard error", new FileOutputStream(FileDescriptor.err), charset("stderr"), isErrorTerminal());
    }

    /** The JDK names the terminal's character set from version 19 on; before, it is the locale's. */
    private static Charset charset(String stream) {
        for (String property : List.of(stream + ".encoding", "sun." + stream + ".encoding", "native.encoding")) {
            String charset = System.getProperty(property);
            if (charset != null && Charset.isSupported(charset)) {
                return Charset.forName(charset);
            }
        }
        return Charset.defaultCharset();
    }

    /** Linux tells it of each stream; elsewhere Java tells it of standard input and output together. */
    @SuppressWarnings("SystemConsoleNull") // There is none in JDK 17 to 21 without a terminal.
    private static boolean isErrorTerminal() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString().matches(TERMINALS);
        } catch (IOException | RuntimeException e) {
            return System.console() != null && consoleIsTerminal();
        }
    }

    /** From JDK 22 on, there may be a console without a terminal, which tells so itself. */
    private static boolean consoleIsTerminal() {
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(System.console());
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Tells whether {@link #status} shows anything. */
    boolean isTerminal() {
        return isTerminal;
    }

    /** Writes one line of text. */
    void line(String text) throws OutputException {
        eraseStatus();
        write(printable.bytes(text));
        write(System.lineSeparator().getBytes(StandardCharsets.US_ASCII));
    }

    /** Writes text that has line breaks of its own, such as a help, and breaks the last line too. */
    void lines(String text) throws OutputException {
        for (String line : text.lines().toList()) {
            line(line);
        }
    }

    /** Writes a piece of JSON and a line break. */
    void json(String json) throws OutputException {
        write((json + '\n').getBytes(StandardCharsets.UTF_8));
    }

    /** Draws a line in place of the last one that was drawn, without a line break; on a terminal only. */
    void status(String text) throws OutputException {
        if (isTerminal) {
            byte[] line = printable.bytes(text.substring(0, Math.min(text.length(), STATUS_COLUMNS)));
            write(RETURN);
            write(line);
            write(blanks(statusLength - line.length));
            statusLength = line.length;
            flush();
        }
    }

    /** Leaves nothing of what was drawn. */
    void eraseStatus() throws OutputException {
        if (statusLength > 0) {
            write(RETURN);
            write(blanks(statusLength));
            write(RETURN);
            statusLength = 0;
            flush();
        }
    }

    private static byte[] blanks(int count) {
        return " ".repeat(Math.max(0, count)).getBytes(StandardCharsets.US_ASCII);
    }

    private void write(byte[] bytes) throws OutputException {
        try {
            buffer.write(bytes);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Hands on what was written. */
    void flush() throws OutputException {
        if (broken) {
            return; // Said already, and the buffer would try again.
        }
        try {
            buffer.flush();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Returns a channel for bytes as they are, without a buffer; closing it closes nothing. */
    WritableByteChannel channel() throws OutputException {
        flush();
        return new Bytes();
    }

    private OutputException broken(IOException cause) {
        broken = true;
        return new OutputException(name, cause);
    }

    private final class Bytes implements WritableByteChannel {
        private boolean open = true;

        @Override
        public int write(ByteBuffer source) throws OutputException {
            int length = source.remaining();
            try {
                while (source.hasRemaining()) {
                    direct.write(source);
                }
            } catch (IOException e) {
                throw broken(e);
            }
            return length;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
