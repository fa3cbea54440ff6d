package io.platter.format;

/** The format's ceilings: no file that keeps the format goes over them, whatever it holds. */
public final class Limits {
    /** The size of the grid's cells, on which blocks are cut, in bytes. */
    public static final int CLUSTER = 4096;

    /** The most bytes of one block. */
    public static final int MAX_BLOCK = 256 << 10;

    /** The most plain bytes of one frame. */
    public static final int MAX_FRAME = 16 << 20;

    /** The most blocks of one frame. */
    public static final int MAX_FRAME_BLOCKS = 4096;

    /** The most decoded bytes of one index page. */
    public static final int MAX_PAGE = 64 << 10;

    /** The most decoded bytes of an image's properties. */
    public static final int MAX_PROPERTIES = 16 << 20;

    /** The most texts of an image: its properties and the attributes of its partitions, all together. */
    public static final int MAX_TEXTS = 65_536;

    /** The most partitions of which an image tells. */
    public static final int MAX_PARTITIONS = 65_536;

    /** The most bytes of a property's key, in UTF-8. */
    public static final int MAX_KEY = 1024;

    /** The most images in one file. */
    public static final int MAX_IMAGES = 65_535;

    /** The most levels of an index. */
    public static final int MAX_LEVELS = 8;

    /** The most bits of a zstd window. */
    public static final int MAX_WINDOW_LOG = 24;

    /** A commit ends at a multiple of this, in bytes, so that later writes never touch a sector that it stands in. */
    public static final int COMMIT_ALIGNMENT = 4096;

    private Limits() {}
}
