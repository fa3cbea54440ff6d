package io.platter.image.codec;

/** How payloads are stored: the numbers that stand for it in a record. */
public final class Codec {
    /** As they are. */
    public static final int STORED = 0;

    /** As one zstd frame. */
    public static final int ZSTD = 1;

    private Codec() {}
}
