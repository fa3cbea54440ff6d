package io.platter.format;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.platter.block.CorruptImageException;
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
     * Decodes a payload to the position of {@code target}, and moves its position behind it.
     *
     * @param header the record's header, whose plain length the caller has checked against a limit
     * @param stored the payload as stored, from position to limit; direct
     * @param target has room for the plain length; direct, or over an array
     * @param resource the name of the file
     * @param recordOffset where the record starts
     * @throws CorruptImageException if the payload is not one zstd frame of the plain length
     */
    public void decode(RecordHeader header, ByteBuffer stored, ByteBuffer target, String resource, long recordOffset)
            throws CorruptImageException {
        if (header.codec() == RecordHeader.STORED) {
            target.put(stored.duplicate());
            return;
        }
        checkFrame(header, stored, resource, recordOffset);
        int position = target.position();
        try {
            int length = target.isDirect()
                    ? zstd.decompressDirectByteBuffer(
                            target, position, header.plainLength(), stored, stored.position(), stored.remaining())
                    : zstd.decompressDirectByteBufferToByteArray(
                            target.array(),
                            target.arrayOffset() + position,
                            header.plainLength(),
                            stored,
                            stored.position(),
                            stored.remaining());
            if (length != header.plainLength()) {
                throw new CorruptImageException(
                        resource,
                        recordOffset,
                        "payload decodes to " + length + " bytes, expected " + header.plainLength());
            }
        } catch (ZstdException e) {
            CorruptImageException corrupt =
                    new CorruptImageException(resource, recordOffset, "payload does not decode: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
        target.position(position + header.plainLength());
    }

    /** Checks what the zstd frame says of itself. Source: RFC 8878, section 3.1.1.1. */
    private static void checkFrame(RecordHeader header, ByteBuffer stored, String resource, long recordOffset)
            throws CorruptImageException {
        ByteBuffer bytes = stored.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < 6 || bytes.getInt(0) != ZSTD_MAGIC) {
            throw new CorruptImageException(resource, recordOffset, "payload is not a zstd frame");
        }
        int descriptor = bytes.get(4);
        boolean singleSegment = (descriptor & 0x20) != 0;
        int windowDescriptor = Byte.toUnsignedInt(bytes.get(5));
        long windowBase = 1L << (10 + (windowDescriptor >>> 3));
        long window = singleSegment ? header.plainLength() : windowBase + windowBase / 8 * (windowDescriptor & 7);
        if (window > 1 << Limits.MAX_WINDOW_LOG) {
            throw new CorruptImageException(
                    resource,
                    recordOffset,
                    "zstd window of " + window + " bytes, expected at most " + (1 << Limits.MAX_WINDOW_LOG));
        }
        if ((descriptor & 3) != 0) {
            throw new CorruptImageException(resource, recordOffset, "zstd frame with a dictionary, expected none");
        }
        long contentSize = Zstd.getDirectByteBufferFrameContentSize(stored, stored.position(), stored.remaining());
        if (contentSize != header.plainLength()) {
            throw new CorruptImageException(
                    resource,
                    recordOffset,
                    "zstd frame of " + contentSize + " plain bytes, expected " + header.plainLength());
        }
        long frameLength = Zstd.findFrameCompressedSize(stored.duplicate());
        if (frameLength != stored.remaining()) {
            throw new CorruptImageException(
                    resource,
                    recordOffset,
                    "payload of " + stored.remaining() + " bytes, expected one zstd frame of " + frameLength);
        }
    }

    @Override
    public void close() {
        zstd.close();
    }
}
