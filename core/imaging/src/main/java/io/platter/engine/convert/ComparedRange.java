package io.platter.engine.convert;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A range in which two disks are compared.
 *
 * <p>Filled by the plan, then by a worker, then read by the taker.
 */
public final class ComparedRange {
    private final ByteBuffer expected = ByteBuffer.allocateDirect(Piece.SIZE);
    private final ByteBuffer found = ByteBuffer.allocateDirect(Piece.SIZE);
    private long start;
    private Optional<Extent> difference = Optional.empty();

    /** Creates an item of a line. */
    public ComparedRange() {
        this.start = 0;
    }

    /**
     * What of two disks has to be compared: all but what both know to be empty.
     *
     * <p>Calling thread only.
     */
    public static final class Plan {
        private final ExtentCursor expected;
        private final ExtentCursor found;
        private final long end;
        private long position;

        /** Plans to compare the first {@code end} bytes of two disks. */
        public Plan(BlockDevice expected, BlockDevice found, long end) {
            this.expected = ExtentCursor.of(expected);
            this.found = ExtentCursor.of(found);
            this.end = end;
        }

        /** Plans the next range; returns false at the end. */
        public boolean next(ComparedRange range) throws IOException {
            while (position < end) {
                ImageExtent here = expected.at(position, end);
                ImageExtent there = found.at(position, end);
                if (here.kind() == ImageExtentKind.DATA || there.kind() == ImageExtentKind.DATA) {
                    long length = Math.min(Piece.SIZE - position % Piece.SIZE, end - position);
                    range.start = position;
                    range.expected.clear().limit((int) length);
                    range.found.clear().limit((int) length);
                    position += length;
                    return true;
                }
                position = Math.min(here.end(), there.end());
            }
            return false;
        }

        /** Returns the disk offset up to which ranges are planned. */
        public long position() {
            return position;
        }
    }

    /** Reads the range of both disks and compares. */
    public void compare(BlockDevice expectedDisk, BlockDevice foundDisk) throws IOException {
        expectedDisk.read(expected, start);
        foundDisk.read(found, start);
        int first = expected.flip().mismatch(found.flip());
        difference = first < 0 ? Optional.empty() : Optional.of(differenceFrom(first));
    }

    private Extent differenceFrom(int first) {
        int last = expected.limit() - 1;
        while (expected.get(last) == found.get(last)) {
            last--;
        }
        return new Extent(start + first, last - first + 1, ExtentKind.DATA);
    }

    /** Returns the run from the first to the last byte that differs, if any does. */
    public Optional<Extent> difference() {
        return difference;
    }
}
