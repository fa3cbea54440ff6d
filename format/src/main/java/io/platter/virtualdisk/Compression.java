package io.platter.virtualdisk;

/**
 * How a new file's blocks are compressed.
 *
 * <p>Immutable.
 */
public enum Compression {
    /** Not at all. */
    NONE,
    /** Deflate, RFC 1951, in the wrapping that the format has. */
    DEFLATE,
    /** Zstandard, RFC 8878. */
    ZSTD
}
