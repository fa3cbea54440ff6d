package io.platter.engine.check;

import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.Sha256;
import io.platter.image.codec.LeafPage;
import java.util.Arrays;

/** Compares what two leaves of the same start say of the bytes that both cover, wherever their extents end. */
final class LeafComparison {
    /** A place in a leaf: an extent, and of a DATA extent a block. */
    private static final class Cursor {
        final LeafPage leaf;
        final byte[] hash = new byte[Sha256.LENGTH];
        int extent;
        int block;
        long position;

        Cursor(LeafPage leaf) {
            this.leaf = leaf;
            this.position = leaf.diskOffset();
        }

        ImageExtent current() {
            return leaf.extent(extent);
        }

        boolean isData() {
            return current().kind() == ImageExtentKind.DATA;
        }

        /** Returns where the block or the run ends. */
        long end() {
            return isData() ? position + leaf.blockLength(block) : current().end();
        }

        void moveTo(long newPosition) {
            if (isData()) {
                block++;
            }
            position = newPosition;
            if (position == current().end()) {
                extent++;
            }
        }
    }

    private LeafComparison() {}

    /** Tells whether the two say the same of what both cover. */
    static boolean agree(LeafPage first, LeafPage second) {
        Cursor one = new Cursor(first);
        Cursor other = new Cursor(second);
        long end = Math.min(first.length(), second.length()) + first.diskOffset();
        while (one.position < end) {
            if (one.current().kind() != other.current().kind()
                    || one.current().detail() != other.current().detail()
                    || (one.isData() && !isSameBlock(one, other))) {
                return false;
            }
            long next = Math.min(one.end(), other.end());
            one.moveTo(next);
            other.moveTo(next);
        }
        return true;
    }

    private static boolean isSameBlock(Cursor one, Cursor other) {
        one.leaf.hash(one.block, one.hash, 0);
        other.leaf.hash(other.block, other.hash, 0);
        return one.end() == other.end() && Arrays.equals(one.hash, other.hash);
    }
}
