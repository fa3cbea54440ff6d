package io.platter.virtualdisk.qcow2;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.platter.block.BlockDevice;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads compressed qcow2 clusters. Not thread-safe: one thread at a time. */
final class Decoder implements Closeable {
    /** Fills a cluster from compressed bytes, and tells whether there was a whole one in them. */
    private interface Decompressor extends Closeable {
        boolean decompress(ByteBuffer compressed, ByteBuffer cluster);

        @Override
        void close();
    }

    private final ByteBuffer compressed;
    private final Decompressor decompressor;

    Decoder(int compressionType, int clusterSize) {
        this.compressed = ByteBuffer.allocateDirect(Layout.maxCompressedLength(clusterSize));
        this.decompressor =
                compressionType == Layout.COMPRESSION_ZSTD ? new ZstdDecompressor() : new DeflateDecompressor();
    }

    /**
     * Fills a cluster from its compressed form.
     *
     * @param length of the compressed form at most, in bytes: those after what the cluster needs may be anything
     * @param cluster a buffer that is direct, or has an array
     * @return whether there was a whole cluster in them
     */
    boolean decode(BlockDevice file, long fileOffset, int length, ByteBuffer cluster) throws IOException {
        file.read(compressed.clear().limit(length), fileOffset);
        return decompressor.decompress(compressed.flip(), cluster);
    }

    @Override
    public void close() {
        decompressor.close();
    }

    private static final class ZstdDecompressor implements Decompressor {
        private final ZstdDecompressCtx context = new ZstdDecompressCtx();

        @Override
        public boolean decompress(ByteBuffer compressed, ByteBuffer cluster) {
            try {
                while (cluster.hasRemaining() && compressed.hasRemaining()) {
                    long frame = Zstd.findFrameCompressedSize(compressed.duplicate());
                    if (Zstd.isError(frame) || frame <= 0 || frame > compressed.remaining()) {
                        return false;
                    }
                    int length = decompressFrame(compressed, (int) frame, cluster);
                    compressed.position(compressed.position() + (int) frame);
                    cluster.position(cluster.position() + length);
                }
            } catch (ZstdException e) {
                return false;
            }
            return !cluster.hasRemaining();
        }

        private int decompressFrame(ByteBuffer from, int length, ByteBuffer to) {
            if (to.isDirect()) {
                return context.decompressDirectByteBuffer(
                        to, to.position(), to.remaining(), from, from.position(), length);
            }
            int start = to.arrayOffset() + to.position();
            return context.decompressDirectByteBufferToByteArray(
                    to.array(), start, to.remaining(), from, from.position(), length);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    private static final class DeflateDecompressor implements Decompressor {
        private final Inflater inflater = new Inflater(true);

        @Override
        public boolean decompress(ByteBuffer compressed, ByteBuffer cluster) {
            inflater.reset();
            inflater.setInput(compressed);
            try {
                while (cluster.hasRemaining()) {
                    if (inflater.inflate(cluster) == 0) {
                        return false;
                    }
                }
                return true;
            } catch (DataFormatException e) {
                return false;
            }
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
