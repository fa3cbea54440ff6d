package io.platter.image;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A SHA-256 hash.
 *
 * <p>Immutable.
 */
public final class Sha256 {
    /** The length of a hash in bytes. */
    public static final int LENGTH = 32;

    /** What stands where there is no hash: zeros. */
    public static final Sha256 NONE = new Sha256(new byte[LENGTH]);

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns a digest that computes SHA-256, which every JDK has. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Returns the hash that stands in 32 bytes of a buffer, from {@code index} on. */
    public static Sha256 at(ByteBuffer source, int index) {
        byte[] bytes = new byte[LENGTH];
        source.get(index, bytes);
        return new Sha256(bytes);
    }

    /** Reads a hash. */
    public static Sha256 decode(ByteReader in) throws CorruptImageException {
        return new Sha256(in.readBytes(LENGTH));
    }

    /** Writes the hash's 32 bytes at the buffer's position. */
    public void encode(ByteBuffer target) {
        target.put(bytes);
    }

    /** Returns the hash as 64 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
