package io.platter.virtualdisk;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Compresses and decompresses one qcow2 cluster at a time. Without state: safe for use by several threads. */
final class Qcow2Compression {
    /** QEMU inflates with a window of 4 KiB, which Java's {@link Deflater} can't be told: it starts anew so often. */
    private static final int DEFLATE_WINDOW = 4096;

    private static final int USUAL_ZSTD_LEVEL = 3;

    private Qcow2Compression() {}

    /**
     * Fills a cluster from compressed bytes. Bytes behind those that the cluster needs may be anything.
     *
     * @return whether there was a whole cluster in them
     */
    static boolean decompress(int compressionType, byte[] compressed, byte[] cluster) {
        return compressionType == Qcow2Layout.COMPRESSION_ZSTD
                ? decompressZstd(compressed, cluster)
                : inflate(compressed, cluster);
    }

    private static boolean inflate(byte[] compressed, byte[] cluster) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(compressed);
            int length = 0;
            while (length < cluster.length) {
                int count = inflater.inflate(cluster, length, cluster.length - length);
                if (count == 0) {
                    return false;
                }
                length += count;
            }
            return true;
        } catch (DataFormatException e) {
            return false;
        } finally {
            inflater.end();
        }
    }

    private static boolean decompressZstd(byte[] compressed, byte[] cluster) {
        try {
            return decompressFrames(compressed, cluster);
        } catch (ZstdException e) {
            return false;
        }
    }

    private static boolean decompressFrames(byte[] compressed, byte[] cluster) {
        int position = 0;
        int length = 0;
        while (length < cluster.length && position < compressed.length) {
            long frame = Zstd.findFrameCompressedSize(compressed, position, compressed.length - position);
            if (Zstd.isError(frame) || frame <= 0 || frame > compressed.length - position) {
                return false;
            }
            length += (int) Zstd.decompressByteArray(
                    cluster, length, cluster.length - length, compressed, position, (int) frame);
            position += (int) frame;
        }
        return length == cluster.length;
    }

    /**
     * Compresses a cluster.
     *
     * @param level as the algorithm counts it; 0 for the usual one
     * @param target takes the result; at least {@link #bound} bytes
     * @return how many bytes of {@code target} are the result, or 0 if it is not shorter than the cluster
     */
    static int compress(Compression compression, int level, byte[] cluster, byte[] target) {
        int length = compression == Compression.ZSTD
                ? (int) Zstd.compress(target, cluster, level == 0 ? USUAL_ZSTD_LEVEL : level)
                : deflate(level, cluster, target);
        return length < cluster.length ? length : 0;
    }

    /** Returns how many bytes a compressed cluster can have at worst while it is being compressed. */
    static int bound(int clusterSize) {
        return (int) Zstd.compressBound(clusterSize);
    }

    private static int deflate(int level, byte[] cluster, byte[] target) {
        Deflater deflater = new Deflater(level == 0 ? Deflater.DEFAULT_COMPRESSION : Math.min(level, 9), true);
        try {
            int length = 0;
            for (int start = 0; start < cluster.length; start += DEFLATE_WINDOW) {
                int input = Math.min(DEFLATE_WINDOW, cluster.length - start);
                deflater.setInput(cluster, start, input);
                boolean last = start + input == cluster.length;
                if (last) {
                    deflater.finish();
                }
                length += deflater.deflate(
                        target, length, target.length - length, last ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
                if (length >= cluster.length) {
                    break;
                }
            }
            return length;
        } finally {
            deflater.end();
        }
    }
}
