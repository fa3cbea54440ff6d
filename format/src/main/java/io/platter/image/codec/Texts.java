package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** How texts are read: all that a file holds must be UTF-8, or two readers would show two things. */
final class Texts {
    private Texts() {}

    /**
     * Reads a text of UTF-8.
     *
     * @param length in bytes; the caller has read it from the file
     * @throws CorruptImageException if it is not UTF-8, or longer than what is left
     */
    static String decode(ByteReader in, int length) throws CorruptImageException {
        int start = in.position();
        byte[] bytes = in.readBytes(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw in.corrupt(start, "text of " + length + " bytes is not UTF-8");
        }
    }

    /**
     * Checks that nothing follows the fields of a table or payload.
     *
     * @param what the fields, for the message
     */
    static void checkEnd(ByteReader in, String what) throws CorruptImageException {
        if (in.remaining() > 0) {
            throw in.corrupt(in.position(), in.remaining() + " bytes after the " + what + ", expected 0");
        }
    }
}
