package io.platter.virtualdisk.qcow2;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.Compression;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/** Compresses qcow2 clusters. Not thread-safe: one thread at a time. */
final class Encoder implements BlockEncoder {
    /** QEMU inflates with a window of 4 KiB, which Java's {@link Deflater} can't be told: it starts anew so often. */
    private static final int DEFLATE_WINDOW = 4096;

    private static final int USUAL_ZSTD_LEVEL = 3;

    /** Compresses a cluster and stops when the result is no shorter than that. */
    private interface Compressor extends AutoCloseable {
        void compress(ByteBuffer cluster, ByteBuffer target);

        @Override
        void close();
    }

    private final int maxEncodedLength;
    private final Compressor compressor;

    /**
     * Creates an encoder.
     *
     * @param compression not NONE
     * @param level as the algorithm counts it; 0 for the usual one
     */
    Encoder(Compression compression, int level, int clusterSize) {
        this.maxEncodedLength = (int) Zstd.compressBound(clusterSize);
        this.compressor = compression == Compression.ZSTD ? new ZstdCompressor(level) : new DeflateCompressor(level);
    }

    @Override
    public int maxEncodedLength() {
        return maxEncodedLength;
    }

    @Override
    public boolean encode(ByteBuffer block, ByteBuffer target) {
        int start = target.position();
        int clusterSize = block.remaining();
        compressor.compress(block, target);
        block.position(block.limit());
        if (target.position() - start >= clusterSize) {
            target.position(start);
            return false;
        }
        return true;
    }

    @Override
    public void close() {
        compressor.close();
    }

    private static final class ZstdCompressor implements Compressor {
        private final ZstdCompressCtx context = new ZstdCompressCtx();

        ZstdCompressor(int level) {
            context.setLevel(level == 0 ? USUAL_ZSTD_LEVEL : level);
        }

        @Override
        public void compress(ByteBuffer cluster, ByteBuffer target) {
            context.compress(target, cluster);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    private static final class DeflateCompressor implements Compressor {
        private final Deflater deflater;

        DeflateCompressor(int level) {
            this.deflater = new Deflater(level == 0 ? Deflater.DEFAULT_COMPRESSION : Math.min(level, 9), true);
        }

        @Override
        public void compress(ByteBuffer cluster, ByteBuffer target) {
            int worthwhile = target.position() + cluster.remaining();
            int end = cluster.limit();
            deflater.reset();
            while (cluster.position() < end && target.position() < worthwhile) {
                cluster.limit(Math.min(cluster.position() + DEFLATE_WINDOW, end));
                boolean last = cluster.limit() == end;
                deflater.setInput(cluster);
                if (last) {
                    deflater.finish();
                }
                deflater.deflate(target, last ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
            }
            cluster.limit(end);
        }

        @Override
        public void close() {
            deflater.end();
        }
    }
}
