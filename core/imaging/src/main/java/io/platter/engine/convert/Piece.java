package io.platter.engine.convert;

import io.platter.block.AlignedBuffers;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a disk on its way: what the source knows of it, its bytes, and what the target gets. It is either at most
 * {@link #SIZE} bytes long, or one run without data of any length.
 *
 * <p>Filled by the plan, then by a worker, then read by the taker.
 */
public final class Piece {
    /** The most bytes that are read at once. */
    public static final int SIZE = 2 << 20;

    /** Something that the target gets. */
    private interface Part {
        void giveTo(PieceTarget target) throws IOException;
    }

    /** What the source knows, without gaps. */
    final List<ImageExtent> extents = new ArrayList<>();

    private final ByteBuffer plain = AlignedBuffers.allocate(SIZE);
    /** The encoded blocks one after the other, up to its position. */
    final ByteBuffer encoded;

    private final List<Part> parts = new ArrayList<>();
    private final List<ImageExtent> emptyRuns = new ArrayList<>();

    /**
     * Creates a piece.
     *
     * @param encodedLength room for all blocks of the piece when they are encoded, in bytes
     */
    public Piece(int encodedLength) {
        this.encoded = ByteBuffer.allocateDirect(encodedLength);
    }

    void clear() {
        extents.clear();
        encoded.clear();
        parts.clear();
        emptyRuns.clear();
    }

    long start() {
        return extents.get(0).offset();
    }

    /** Returns the disk offset after the piece's last byte. */
    public long end() {
        return extents.get(extents.size() - 1).end();
    }

    /** Returns the place for the bytes of a range; {@code to} may lie after the piece's end, but not after its room. */
    ByteBuffer bytes(long from, long to) {
        return plain.slice((int) (from - start()), (int) (to - from));
    }

    /** Adds a range of one kind for the target, unless it is empty. */
    void add(long from, long to, ImageExtentKind kind) {
        if (from < to) {
            add(new ImageExtent(from, to - from, kind));
        }
    }

    /** Adds a run for the target. */
    void add(ImageExtent run) {
        if (run.kind() == ImageExtentKind.DATA) {
            ByteBuffer bytes = bytes(run.offset(), run.end());
            parts.add(target -> target.data(run.offset(), bytes));
        } else {
            parts.add(target -> target.empty(run));
            emptyRuns.add(run);
        }
    }

    /** Adds the block that was encoded last, from a position of {@link #encoded} on. */
    void addEncoded(long diskOffset, int encodedStart) {
        ByteBuffer block = encoded.slice(encodedStart, encoded.position() - encodedStart);
        parts.add(target -> target.encoded(diskOffset, block));
    }

    /** Returns what the source knows of the piece. */
    public List<ImageExtent> extents() {
        return extents;
    }

    /** Returns those of the target's runs that have no bytes. */
    public List<ImageExtent> emptyRuns() {
        return emptyRuns;
    }

    /** Gives what was added to the target. */
    public void giveTo(PieceTarget target) throws IOException {
        for (Part part : parts) {
            part.giveTo(target);
        }
    }
}
