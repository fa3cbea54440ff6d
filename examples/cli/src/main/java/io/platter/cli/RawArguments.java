package io.platter.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The words of the command line as they were typed. Java reads them in the locale's character set, and what does not fit
 * is U+FFFD: under {@code LC_ALL=C}, as a timer's jobs run, all that is not ASCII; under any locale, a file name that is
 * not text. On Linux the bytes themselves are to be had, and are read here as UTF-8, each byte that is not UTF-8 as a
 * lone surrogate U+DC80 to U+DCFF (as Python does, PEP 383), so that a path can be made of them that is exactly that.
 */
final class RawArguments {
    private static final char REPLACEMENT = '\ufffd';
    private static final int SURROGATES = 0xdc00;
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final Path DIRECTORY = Path.of("/proc/self/cwd");

    /** Says why a name or a text can't be used. */
    static final String NOT_OF_THE_LOCALE = "is no text in the locale's character set, "
            + System.getProperty("sun.jnu.encoding") + "; LC_ALL=C.UTF-8 has all of Unicode";

    private RawArguments() {}

    /** Returns the words that this process was called with, of which Java gave these. */
    static String[] of(String... given) {
        if (Arrays.stream(given).noneMatch(word -> word.indexOf(REPLACEMENT) >= 0)) {
            return given;
        }
        byte[] line;
        try {
            line = Files.readAllBytes(COMMAND_LINE);
        } catch (IOException e) {
            return given; // Arguments refuses what has the character.
        }
        return of(line, given);
    }

    /** Returns the words at the end of a command line, each of which ends with a zero. */
    static String[] of(byte[] commandLine, String... given) {
        List<byte[]> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                words.add(Arrays.copyOfRange(commandLine, start, i));
                start = i + 1;
            }
        }
        String[] exact = given.clone();
        for (int i = 0; i < given.length && words.size() >= given.length; i++) {
            if (given[i].indexOf(REPLACEMENT) >= 0) {
                exact[i] = decode(words.get(words.size() - given.length + i));
            }
        }
        return exact;
    }

    private static String decode(byte[] word) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.wrap(word);
        CharBuffer text = CharBuffer.allocate(word.length);
        for (CoderResult result = decoder.decode(bytes, text, true);
                result.isError();
                result = decoder.decode(bytes, text, true)) {
            for (int i = 0; i < result.length(); i++) {
                text.put((char) (SURROGATES + (bytes.get() & 0xff)));
            }
            decoder.reset();
        }
        return text.flip().toString();
    }

    /** Tells whether a character stands for a byte that is not text. */
    static boolean isByte(int c) {
        return c >= SURROGATES + 0x80 && c <= SURROGATES + 0xff;
    }

    /** Returns the byte that such a character stands for, from 0x80 to 0xff. */
    static int byteOf(int c) {
        return c - SURROGATES;
    }

    /** Tells whether a word is text: neither has it bytes that are not, nor did Java lose what was typed. */
    static boolean isText(String word) {
        return word.codePoints().noneMatch(c -> c == REPLACEMENT || isByte(c));
    }

    /**
     * Returns the path of a word, whatever the locale: a URI takes bytes as they are.
     *
     * @throws UsageException if what was typed is not known
     */
    static Path path(String word) {
        Path path = pathOf(word);
        boolean isLost = System.getProperty("user.dir").indexOf(REPLACEMENT) >= 0;
        if (!isLost || path.isAbsolute() || word.equals("-") || !Files.exists(DIRECTORY)) {
            return path;
        }
        try {
            // Java could not read the name of the directory that it is in; the system knows it.
            return Files.readSymbolicLink(DIRECTORY).resolve(path);
        } catch (IOException e) {
            throw new UsageException("the name of the current directory " + NOT_OF_THE_LOCALE);
        }
    }

    private static Path pathOf(String word) {
        try {
            Path path = Path.of(word);
            if (isText(word)) {
                return path;
            }
        } catch (InvalidPathException e) {
            if (word.indexOf('\0') >= 0) {
                throw new UsageException("the name " + word + " has a zero character");
            }
        }
        if (word.indexOf(REPLACEMENT) >= 0 || !Files.exists(COMMAND_LINE)) {
            throw new UsageException("the name " + word + " " + NOT_OF_THE_LOCALE);
        }
        StringBuilder uri = new StringBuilder("file:///");
        for (byte b : bytes(word)) {
            uri.append('%').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        Path absolute = Path.of(URI.create(uri.toString()));
        return word.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
    }

    private static byte[] bytes(String word) {
        ByteBuffer bytes = ByteBuffer.allocate(word.length() * 3);
        word.codePoints().forEach(c -> {
            if (isByte(c)) {
                bytes.put((byte) byteOf(c));
            } else {
                bytes.put(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
