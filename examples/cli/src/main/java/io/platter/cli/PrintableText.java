package io.platter.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Text as a terminal may have it. Labels, properties and file names come from anywhere: a control character in them, or
 * one that changes the direction of writing, is shown as {@code \x1b} or {@code \\u{202e}}; so is what the terminal's
 * character set does not have.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class PrintableText {
    private final CharsetEncoder encoder;

    PrintableText(Charset charset) {
        this.encoder = charset.newEncoder();
    }

    /** Returns a line's bytes. */
    byte[] bytes(String line) {
        if (isPlain(line)) {
            return line.getBytes(StandardCharsets.US_ASCII);
        }
        StringBuilder text = new StringBuilder(line.length() + 16);
        line.codePoints().forEach(c -> append(text, c));
        try {
            ByteBuffer encoded = encoder.encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("what the character set lacks was replaced", e);
        }
    }

    private static boolean isPlain(String line) {
        return line.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private void append(StringBuilder text, int c) {
        if (c == '\n') {
            text.append("\\n");
        } else if (c == '\t') {
            text.append("\\t");
        } else if (c < ' ' || (c >= 0x7f && c < 0xa0)) {
            text.append("\\x").append(hex(c, 2));
        } else if (RawArguments.isByte(c)) {
            text.append("\\x").append(hex(RawArguments.byteOf(c), 2));
        } else if (isInvisible(c) || !encoder.canEncode(Character.toString(c))) {
            text.append("\\u{").append(hex(c, 4)).append('}');
        } else {
            text.appendCodePoint(c);
        }
    }

    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String hex(int number, int digits) {
        String text = Integer.toHexString(number);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
