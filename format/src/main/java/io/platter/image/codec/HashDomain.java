package io.platter.image.codec;

import io.platter.image.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * What is hashed: the first byte that goes into each SHA-256 of the format, so that no two kinds of things ever have the
 * same hash.
 *
 * <p>Immutable.
 */
public enum HashDomain {
    /** A block. */
    BLOCK(0),
    /** The map of an index page. */
    PAGE(1),
    /** The statement of an image: its id. */
    IMAGE(2),
    /** The properties of an image. */
    PROPERTIES(3),
    /** The map of a directory page. */
    DIRECTORY(4),
    /** The table of a commit. */
    COMMIT(5);

    private final byte code;

    HashDomain(int code) {
        this.code = (byte) code;
    }

    /** Returns the hash of the bytes of buffers, each from its position to its limit; the positions stay. */
    public Sha256 hash(ByteBuffer... bytes) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(code);
        for (ByteBuffer part : bytes) {
            digest.update(part.duplicate());
        }
        return Sha256.at(ByteBuffer.wrap(digest.digest()), 0);
    }

    /** Returns the byte. */
    public byte code() {
        return code;
    }
}
