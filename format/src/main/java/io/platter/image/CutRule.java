package io.platter.image;

/**
 * Where a block ends. It matters to the writer only: a reader takes blocks of any length.
 *
 * <p>Immutable.
 */
public final class CutRule {
    private static final CutRule BY_CONTENT = new CutRule(0);

    private final int fixedSize;

    private CutRule(int fixedSize) {
        this.fixedSize = fixedSize;
    }

    /**
     * Returns the rule that ends a block where the content of a cell says so: files that moved on the disk, or to
     * another disk, give the same blocks.
     */
    public static CutRule byContent() {
        return BY_CONTENT;
    }

    /**
     * Returns the rule that ends a block at every multiple of a size.
     *
     * @param size in bytes, a power of two from 4096 to 262,144
     */
    public static CutRule fixed(int size) {
        if (Integer.bitCount(size) != 1 || size < Limits.CLUSTER || size > Limits.MAX_BLOCK) {
            throw new IllegalArgumentException("block size " + size + ", expected a power of two from " + Limits.CLUSTER
                    + " to " + Limits.MAX_BLOCK);
        }
        return new CutRule(size);
    }

    /** Tells whether blocks are cut by content. */
    public boolean isByContent() {
        return fixedSize == 0;
    }

    /** Returns the fixed size in bytes, or 0 if blocks are cut by content. */
    public int fixedSize() {
        return fixedSize;
    }

    @Override
    public String toString() {
        return isByContent() ? "content" : String.valueOf(fixedSize);
    }
}
