package io.platter.pipeline;

import com.github.luben.zstd.ZstdCompressCtx;
import io.platter.format.Sha256;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.zip.CRC32C;

/**
 * What a worker needs to work without allocating anything.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Worker implements AutoCloseable {
    /** The JDK digests arrays only; pieces of this size stay in the processor's first cache. */
    private static final int PIECE = 16 << 10;

    private final MessageDigest sha256 = Sha256.newDigest();
    private final byte[] piece = new byte[PIECE];
    private final CRC32C crc = new CRC32C();
    private final ZstdCompressCtx zstd;

    Worker(int level) {
        this.zstd = new ZstdCompressCtx().setLevel(level).setContentSize(true).setChecksum(false);
    }

    /** Puts the SHA-256 of a run of bytes into {@code target} from {@code at} on. */
    void hash(ByteBuffer bytes, int start, int length, byte[] target, int at) {
        for (int done = 0; done < length; done += PIECE) {
            int count = Math.min(PIECE, length - done);
            bytes.get(start + done, piece, 0, count);
            sha256.update(piece, 0, count);
        }
        try {
            sha256.digest(target, at, Sha256.LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Hashes all blocks of a segment. */
    void hash(Segment segment) {
        for (int item = 0; item < segment.count(); item++) {
            if (segment.isBlock(item)) {
                hash(
                        segment.bytes,
                        segment.start(item),
                        (int) segment.length(item),
                        segment.hashes,
                        item * Sha256.LENGTH);
            }
        }
    }

    /** Compresses a run of bytes and returns the compressed length. */
    int compress(ByteBuffer target, int targetStart, ByteBuffer source, int start, int length) {
        return zstd.compressDirectByteBuffer(
                target, targetStart, target.capacity() - targetStart, source, start, length);
    }

    /** Returns the CRC-32C of a run of bytes; moves the buffer's position and limit. */
    int crc(ByteBuffer bytes, int start, int length) {
        crc.reset();
        crc.update(bytes.limit(start + length).position(start));
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        zstd.close();
    }
}
