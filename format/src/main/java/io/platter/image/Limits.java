package io.platter.image;

/** The format's ceilings: no file that keeps the format goes over them, whatever it holds. */
public final class Limits {
    /** The size of the grid's cells, on which blocks are cut, in bytes. */
    public static final int CLUSTER = 4096;

    /** The most bytes of one block. */
    public static final int MAX_BLOCK = 256 << 10;

    /** The most bytes of a record's body. */
    public static final int MAX_BODY = (4 << 20) + (256 << 10);

    /** The most plain bytes of one frame, and so of any payload. */
    public static final int MAX_FRAME = 4 << 20;

    /** The most blocks of one frame. */
    public static final int MAX_FRAME_BLOCKS = 4096;

    /** The most bytes of the map of one index page, decoded, and of its table. */
    public static final int MAX_PAGE = 64 << 10;

    /** The most decoded bytes of an image's properties. */
    public static final int MAX_PROPERTIES = 1 << 20;

    /** The most texts of an image: its properties and the attributes of its partitions, all together. */
    public static final int MAX_TEXTS = 16_384;

    /** The most partitions of which an image tells. */
    public static final int MAX_PARTITIONS = 16_384;

    /** The most bytes of a property's key, in UTF-8. */
    public static final int MAX_KEY = 1024;

    /** The most bytes of the features of a file or an image. */
    public static final int MAX_FEATURES = 4000;

    /** The most plain bytes of one catalog record. */
    public static final int MAX_CATALOG = 1 << 20;

    /** The most images in one file. */
    public static final int MAX_IMAGES = Integer.MAX_VALUE;

    /** The most levels of an index. */
    public static final int MAX_LEVELS = 8;

    /** The most bits of a zstd window. */
    public static final int MAX_WINDOW_LOG = 23;

    /**
     * The two copies of a commit end and start at a multiple of this, in bytes, so that they are in different sectors, and
     * later writes never touch the sector of the first.
     */
    public static final int COMMIT_ALIGNMENT = 4096;

    private Limits() {}
}
