package io.platter.engine.write;

import com.github.luben.zstd.ZstdCompressCtx;
import io.platter.engine.read.BlockDigest;
import io.platter.image.Sha256;
import io.platter.image.codec.RecordSeal;
import java.nio.ByteBuffer;

/**
 * What a worker needs to work without allocating anything.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Worker implements AutoCloseable {
    private final BlockDigest digest = new BlockDigest();
    private final RecordSeal seal = new RecordSeal();
    private final ZstdCompressCtx zstd;

    Worker(int level) {
        digest.warmUp();
        this.zstd = new ZstdCompressCtx().setLevel(level).setContentSize(true).setChecksum(false);
    }

    /** Hashes all blocks of a segment. */
    void hash(Segment segment) {
        for (int item = 0; item < segment.count(); item++) {
            if (segment.isBlock(item)) {
                digest.hash(
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

    /** Returns what makes records. */
    RecordSeal seal() {
        return seal;
    }

    @Override
    public void close() {
        zstd.close();
    }
}
