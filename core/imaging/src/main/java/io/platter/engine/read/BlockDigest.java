package io.platter.engine.read;

import io.platter.image.Sha256;
import io.platter.image.codec.HashDomain;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;

/**
 * Computes the SHA-256 of blocks without allocating anything.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class BlockDigest {
    /** The JDK digests arrays only; pieces of this size stay in the processor's first cache. */
    private static final int PIECE = 16 << 10;

    /** More than compiled code takes on any processor that this is likely to meet. */
    private static final int NANOSECONDS_PER_BYTE = 6;

    private final MessageDigest sha256 = Sha256.newDigest();
    private final byte[] piece = new byte[PIECE];

    /**
     * Until the JVM has compiled it, a digest takes a hundred times as long. So workers run it while there is no work
     * yet, for as long as it is slow, and for 4 MiB at most; one of them at a time, to leave the compiler a processor.
     */
    public void warmUp() {
        synchronized (BlockDigest.class) {
            for (int round = 0; round < 256; round++) {
                long start = System.nanoTime();
                sha256.update(piece);
                if (System.nanoTime() - start < PIECE * NANOSECONDS_PER_BYTE) {
                    break;
                }
            }
        }
        sha256.reset();
    }

    /** Puts the hash of a block into {@code target} from {@code at} on. */
    public void hash(ByteBuffer bytes, int start, int length, byte[] target, int at) {
        sha256.update(HashDomain.BLOCK.code());
        if (bytes.hasArray()) {
            sha256.update(bytes.array(), bytes.arrayOffset() + start, length);
        } else {
            for (int done = 0; done < length; done += PIECE) {
                int count = Math.min(PIECE, length - done);
                bytes.get(start + done, piece, 0, count);
                sha256.update(piece, 0, count);
            }
        }
        try {
            sha256.digest(target, at, Sha256.LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }
}
