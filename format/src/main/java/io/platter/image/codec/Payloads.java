package io.platter.image.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.platter.block.CorruptImageException;
import io.platter.image.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes the payloads of records, within the format's limits.
 *
 * <p>Not thread-safe: one thread at a time; different threads may use different instances.
 */
public final class Payloads implements AutoCloseable {
    private static final int ZSTD_MAGIC = 0xFD2F_B528;

    private final ZstdDecompressCtx zstd;

    /** Creates a decoder, which holds native memory until it is closed. */
    public Payloads() {
        this.zstd = new ZstdDecompressCtx();
    }

    /**
     * Decodes a record's payload to the position of {@code target}, and moves its position after it.
     *
     * @param record the record; the caller has checked its plain length against a limit
     * @param target has room for the plain length; over an array, or, if the record is in direct memory, direct
     * @throws CorruptImageException if the payload is not one zstd frame of the plain length
     */
    public void decode(StoredRecord record, ByteBuffer target) throws CorruptImageException {
        ByteBuffer stored = record.payload();
        if (record.codec() == Codec.STORED) {
            target.put(stored.duplicate());
            return;
        }
        int position = target.position();
        try {
            checkFrame(record, stored);
            int length = decompress(record, stored, target, position);
            if (length != record.plainLength()) {
                throw record.corrupt("payload decodes to " + length + " bytes, expected " + record.plainLength());
            }
        } catch (ZstdException e) {
            CorruptImageException corrupt = record.corrupt("payload does not decode: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
        target.position(position + record.plainLength());
    }

    private int decompress(StoredRecord record, ByteBuffer stored, ByteBuffer target, int position) {
        if (stored.hasArray()) {
            return zstd.decompressByteArray(
                    target.array(),
                    target.arrayOffset() + position,
                    record.plainLength(),
                    stored.array(),
                    stored.arrayOffset() + stored.position(),
                    stored.remaining());
        }
        return target.isDirect()
                ? zstd.decompressDirectByteBuffer(
                        target, position, record.plainLength(), stored, stored.position(), stored.remaining())
                : zstd.decompressDirectByteBufferToByteArray(
                        target.array(),
                        target.arrayOffset() + position,
                        record.plainLength(),
                        stored,
                        stored.position(),
                        stored.remaining());
    }

    private static long contentSize(ByteBuffer stored) {
        return stored.hasArray()
                ? Zstd.getFrameContentSize(stored.array(), stored.arrayOffset() + stored.position(), stored.remaining())
                : Zstd.getDirectByteBufferFrameContentSize(stored, stored.position(), stored.remaining());
    }

    private static long frameLength(ByteBuffer stored) {
        return stored.hasArray()
                ? Zstd.findFrameCompressedSize(
                        stored.array(), stored.arrayOffset() + stored.position(), stored.remaining())
                : Zstd.findFrameCompressedSize(stored.duplicate());
    }

    /** Checks what the zstd frame says of itself. Source: RFC 8878, section 3.1.1.1. */
    private static void checkFrame(StoredRecord record, ByteBuffer stored) throws CorruptImageException {
        ByteBuffer bytes = stored.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < 6 || bytes.getInt(0) != ZSTD_MAGIC) {
            throw record.corrupt("payload is not a zstd frame");
        }
        int descriptor = bytes.get(4);
        boolean singleSegment = (descriptor & 0x20) != 0;
        int windowDescriptor = Byte.toUnsignedInt(bytes.get(5));
        long windowBase = 1L << (10 + (windowDescriptor >>> 3));
        long window = singleSegment ? record.plainLength() : windowBase + windowBase / 8 * (windowDescriptor & 7);
        if (window > 1 << Limits.MAX_WINDOW_LOG) {
            throw record.corrupt(
                    "zstd window of " + window + " bytes, expected at most " + (1 << Limits.MAX_WINDOW_LOG));
        }
        if ((descriptor & 3) != 0) {
            throw record.corrupt("zstd frame with a dictionary, expected none");
        }
        long contentSize = contentSize(stored);
        if (contentSize != record.plainLength()) {
            throw record.corrupt("zstd frame of " + contentSize + " plain bytes, expected " + record.plainLength());
        }
        long frameLength = frameLength(stored);
        if (frameLength != stored.remaining()) {
            throw record.corrupt(
                    "payload of " + stored.remaining() + " bytes, expected one zstd frame of " + frameLength);
        }
    }

    @Override
    public void close() {
        zstd.close();
    }
}
