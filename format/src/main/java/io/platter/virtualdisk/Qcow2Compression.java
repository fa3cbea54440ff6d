package io.platter.virtualdisk;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses one qcow2 cluster at a time. Without state: safe for use by several threads. */
final class Qcow2Compression {
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
}
