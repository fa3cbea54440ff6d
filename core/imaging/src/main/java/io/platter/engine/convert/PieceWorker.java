package io.platter.engine.convert;

import io.platter.block.BlockDevice;
import io.platter.bytes.Zeros;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.virtualdisk.BlockEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads pieces of a disk and prepares them for the target: finds blocks of zeros, and encodes the others.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PieceWorker implements AutoCloseable {
    private final BlockDevice source;
    private final AtomicLong bytesRead;
    private final int blockSize;
    private final @Nullable BlockEncoder encoder;

    /**
     * Creates a worker.
     *
     * @param bytesRead counts what is read
     * @param blockSize the target's, a power of two up to {@link Piece#SIZE}; or 1 if the target wants the source's
     *     extents as they are
     * @param encoder the target's, if it has encoders; closed with the worker
     */
    public PieceWorker(BlockDevice source, AtomicLong bytesRead, int blockSize, Optional<BlockEncoder> encoder) {
        this.source = source;
        this.bytesRead = bytesRead;
        this.blockSize = blockSize;
        this.encoder = encoder.orElse(null);
    }

    /** Prepares a planned piece. */
    public void prepare(Piece piece) throws IOException {
        boolean isEmptyRun = piece.extents.size() == 1 && piece.extents.get(0).kind() != ImageExtentKind.DATA;
        if (!isEmptyRun) {
            for (ImageExtent extent : piece.extents) {
                read(piece, extent);
            }
        }
        if (isEmptyRun || blockSize == 1) {
            piece.extents.forEach(piece::add);
        } else {
            addBlocks(piece);
        }
    }

    private void read(Piece piece, ImageExtent extent) throws IOException {
        ByteBuffer bytes = piece.bytes(extent.offset(), extent.end());
        if (extent.kind() == ImageExtentKind.DATA) {
            source.read(bytes, extent.offset());
            bytesRead.addAndGet(extent.length());
        } else {
            Zeros.put(bytes, bytes.remaining());
        }
    }

    /** Adds the piece block by block, and those together that are stored in the same way. */
    private void addBlocks(Piece piece) {
        long runStart = piece.start();
        ImageExtentKind runKind = ImageExtentKind.UNUSED;
        int extent = 0;
        for (long start = piece.start(); start < piece.end(); start += blockSize) {
            long end = Math.min(start + blockSize, piece.end());
            while (piece.extents.get(extent).end() <= start) {
                extent++;
            }
            ImageExtentKind kind = kindOf(piece, extent, start, end);
            if (kind != runKind) {
                piece.add(runStart, start, runKind);
                runStart = start;
                runKind = kind;
            }
            if (kind == ImageExtentKind.DATA && encoder != null && encode(piece, encoder, runStart, start, end)) {
                runStart = end;
            }
        }
        piece.add(runStart, piece.end(), runKind);
    }

    /** Returns what a block is, the first of whose extents has a number. */
    private ImageExtentKind kindOf(Piece piece, int firstExtent, long start, long end) {
        ImageExtentKind kind = ImageExtentKind.UNUSED;
        for (int i = firstExtent;
                i < piece.extents.size() && piece.extents.get(i).offset() < end;
                i++) {
            switch (piece.extents.get(i).kind()) {
                case DATA -> {
                    return Zeros.isZero(piece.bytes(start, end)) ? ImageExtentKind.ZERO : ImageExtentKind.DATA;
                }
                case ZERO -> kind = ImageExtentKind.ZERO;
                default -> {
                    // Reads as zeros, but nobody wrote them.
                }
            }
        }
        return kind;
    }

    /** Encodes a block if that is worth it, and adds it after the blocks before it that are stored as they are. */
    private boolean encode(Piece piece, BlockEncoder blocks, long runStart, long start, long end) {
        ByteBuffer block = piece.bytes(start, start + blockSize);
        int length = (int) (end - start);
        Zeros.put(block.position(length), blockSize - length);
        block.rewind();
        int encodedStart = piece.encoded.position();
        if (!blocks.encode(block, piece.encoded)) {
            return false;
        }
        piece.add(runStart, start, ImageExtentKind.DATA);
        piece.addEncoded(start, encodedStart);
        return true;
    }

    @Override
    public void close() {
        if (encoder != null) {
            encoder.close();
        }
    }
}
