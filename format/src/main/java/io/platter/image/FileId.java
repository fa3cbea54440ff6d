package io.platter.image;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The name that a file has from its first byte on: 16 bytes that stand in its header and in each of its commits, and that
 * nobody whose disk is captured can know before.
 *
 * <p>Immutable.
 */
public final class FileId {
    /** The length of an id in bytes. */
    public static final int LENGTH = 16;

    private final byte[] bytes;

    private FileId(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns an id that nobody can guess. */
    public static FileId random() {
        byte[] bytes = new byte[LENGTH];
        new SecureRandom().nextBytes(bytes);
        return new FileId(bytes);
    }

    /**
     * Returns the id of these digits, so that the same input gives the same file.
     *
     * @param digits 32 hexadecimal digits, not all of them 0
     * @throws IllegalArgumentException if they are not
     */
    public static FileId parse(String digits) {
        if (!digits.matches("[0-9a-fA-F]{32}") || digits.matches("0+")) {
            throw new IllegalArgumentException(
                    "file id \"" + digits + "\", expected 32 hexadecimal digits that are not all 0");
        }
        return new FileId(HexFormat.of().parseHex(digits));
    }

    /** Reads an id. */
    public static FileId decode(ByteReader in) throws CorruptImageException {
        int start = in.position();
        FileId id = new FileId(in.readBytes(LENGTH));
        if (Arrays.equals(id.bytes, new byte[LENGTH])) {
            throw in.corrupt(start, "file id of zeros, expected any other");
        }
        return id;
    }

    /** Writes the id's 16 bytes at the buffer's position. */
    public void encode(ByteBuffer target) {
        target.put(bytes);
    }

    /** Tells whether the 16 bytes of a buffer from {@code index} on are this id. */
    public boolean standsAt(ByteBuffer source, int index) {
        for (int i = 0; i < LENGTH; i++) {
            if (source.get(index + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns the id as 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileId id && Arrays.equals(bytes, id.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
