package io.platter.engine.convert;

import io.platter.engine.read.Extents;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;

/**
 * Cuts a disk into pieces, each of whole blocks.
 *
 * <p>Calling thread only.
 */
public final class PiecePlan {
    private final ExtentCursor extents;
    private final long diskSize;
    private final int blockSize;
    private long position;

    /**
     * Creates the plan.
     *
     * @param extents what the disk knows of itself
     * @param blockSize a power of two up to {@link Piece#SIZE}
     */
    public PiecePlan(ExtentCursor.Lookup extents, long diskSize, int blockSize) {
        this.extents = new ExtentCursor(extents, diskSize);
        this.diskSize = diskSize;
        this.blockSize = blockSize;
    }

    /** Plans the next piece; returns false at the disk's end. */
    public boolean next(Piece piece) throws IOException {
        if (position == diskSize) {
            return false;
        }
        piece.clear();
        ImageExtent first = extents.at(position, diskSize);
        if (first.kind() != ImageExtentKind.DATA && first.length() >= Piece.SIZE) {
            long end = first.end() == diskSize ? diskSize : first.end() - first.end() % blockSize;
            piece.extents.add(first.clip(position, end));
        } else {
            long end = Math.min(diskSize, position - position % Piece.SIZE + Piece.SIZE);
            for (long at = position; at < end; at = piece.end()) {
                Extents.append(piece.extents, extents.at(at, end));
            }
        }
        position = piece.end();
        return true;
    }
}
